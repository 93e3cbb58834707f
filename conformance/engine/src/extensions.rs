use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Values that the engine does not know, at most one of each type.
#[derive(Clone, Default)]
pub(crate) struct Extensions(BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl Extensions {
    /// Adds `value`, in place of an earlier one of its type.
    pub(crate) fn insert<E: Any + Send + Sync>(&mut self, value: E) {
        self.0.insert(TypeId::of::<E>(), Arc::new(value));
    }

    /// The value of the type `E`, if there is one.
    pub(crate) fn get<E: Any>(&self) -> Option<&E> {
        self.0.get(&TypeId::of::<E>())?.downcast_ref()
    }
}

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Extensions").field(&self.0.len()).finish()
    }
}
