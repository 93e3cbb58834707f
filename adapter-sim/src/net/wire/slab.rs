//! Values at numbers that are never given out twice.

/// The number of a value: where it is, and how often that place was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id {
    index: u32,
    use_count: u32,
}

impl Id {
    /// Both parts in one number, for hashes.
    pub(super) fn number(self) -> u64 {
        u64::from(self.use_count) << 32 | u64::from(self.index)
    }
}

pub(super) struct Slab<T> {
    places: Vec<Place<T>>,
    free: Vec<u32>,
}

struct Place<T> {
    use_count: u32,
    value: Option<T>,
}

impl<T> Slab<T> {
    pub(super) const fn new() -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
        }
    }

    pub(super) fn insert(&mut self, value: T) -> Id {
        if let Some(index) = self.free.pop() {
            let place = &mut self.places[index as usize];
            place.value = Some(value);
            let use_count = place.use_count;
            return Id { index, use_count };
        }
        let index = u32::try_from(self.places.len()).expect("fewer than 2^32 sockets are open");
        self.places.push(Place {
            use_count: 0,
            value: Some(value),
        });
        Id {
            index,
            use_count: 0,
        }
    }

    #[inline]
    pub(super) fn get(&self, id: Id) -> Option<&T> {
        let place = self.places.get(id.index as usize)?;
        let current = place.use_count == id.use_count;
        place.value.as_ref().filter(|_| current)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: Id) -> Option<&mut T> {
        let place = self.places.get_mut(id.index as usize)?;
        let current = place.use_count == id.use_count;
        place.value.as_mut().filter(|_| current)
    }

    pub(super) fn remove(&mut self, id: Id) -> Option<T> {
        let place = self.places.get_mut(id.index as usize)?;
        if place.use_count != id.use_count {
            return None;
        }
        let value = place.value.take()?;
        place.use_count = place.use_count.wrapping_add(1);
        self.free.push(id.index);
        Some(value)
    }

    /// All of them, in the order of their places, which is that of a run under the same seed.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Id, &T)> {
        (0..).zip(&self.places).filter_map(|(index, place)| {
            let use_count = place.use_count;
            let value = place.value.as_ref()?;
            Some((Id { index, use_count }, value))
        })
    }

    /// The numbers of those that `choose` chooses.
    pub(super) fn ids(&self, choose: impl Fn(&T) -> bool) -> Vec<Id> {
        let chosen = self.iter().filter(|(_, value)| choose(value));
        chosen.map(|(id, _)| id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_a_removed_value_finds_nothing() {
        let mut slab = Slab::new();
        let one = slab.insert("one");
        assert_eq!(slab.remove(one), Some("one"));
        let other = slab.insert("other");
        assert_ne!(one, other);
        assert_eq!(slab.get(one), None);
        assert_eq!(slab.remove(one), None);
        assert_eq!(slab.get(other), Some(&"other"));
        assert_eq!(slab.ids(|_| true), [other]);
    }
}
