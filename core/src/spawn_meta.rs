use core::panic::Location;

/// What is told of a task besides its future: its name, and the line that spawned it.
///
/// It goes with the call and is not kept: a runtime that has a use for it copies what it needs. Libraries rarely write it;
/// [`spawn_named`](crate::Spawn::spawn_named) and its kin do. It is for code that spawns on behalf of others.
///
/// # For library authors
///
/// A wrapper that spawns later, from another thread or behind a `dyn` call takes the meta where its own caller is known, and
/// passes it on with [`spawn_with`](crate::Spawn::spawn_with): `#[track_caller]` ends at each of these places.
///
/// # For runtime authors
///
/// A runtime that shows its tasks overrides [`spawn_with`](crate::Spawn::spawn_with) and its siblings. Take the location from
/// here, not from [`Location::caller`]: only this one is right where the call came through a `dyn`.
///
/// # Cost
///
/// 24 bytes on the stack. It allocates nothing.
///
/// # Examples
///
/// A queue that spawns later, and under the line that asked for it:
///
/// ```
/// use std::future::Future;
/// use std::panic::Location;
/// use std::pin::Pin;
/// use anyrt_core::{Spawn, SpawnMeta};
///
/// type Job = Pin<Box<dyn Future<Output = ()> + Send>>;
///
/// #[derive(Default)]
/// struct Later(Vec<(&'static Location<'static>, Job)>);
///
/// impl Later {
///     #[track_caller]
///     fn push(&mut self, job: impl Future<Output = ()> + Send + 'static) {
///         self.0.push((Location::caller(), Box::pin(job)));
///     }
///
///     fn start<S: Spawn>(&mut self, spawner: &S) {
///         for (location, job) in self.0.drain(..) {
///             spawner.spawn_with(SpawnMeta::named("later").at(location), job).detach();
///         }
///     }
/// }
/// # use anyrt_core::prelude::*;
/// # let rt = anyrt_sim::Sim::builder().build();
/// # let mut later = Later::default();
/// later.push(async {});
/// let line = line!() - 1;
/// # let sim = rt.handle();
/// later.start(&sim);
/// assert_eq!((sim.tasks()[0].name(), sim.tasks()[0].location().line()), (Some("later"), line));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpawnMeta<'a> {
    name: Option<&'a str>,
    location: &'static Location<'static>,
}

impl<'a> SpawnMeta<'a> {
    /// No name: the task is known by the caller's line alone.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::SpawnMeta;
    ///
    /// let meta = SpawnMeta::unnamed();
    /// assert_eq!(meta.name(), None);
    /// assert_eq!(meta.location().line(), line!() - 2);
    /// ```
    #[inline]
    #[must_use]
    #[track_caller]
    pub const fn unnamed() -> Self {
        Self {
            name: None,
            location: Location::caller(),
        }
    }

    /// A name, and the caller's line.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::SpawnMeta;
    ///
    /// assert_eq!(SpawnMeta::named("accept").name(), Some("accept"));
    /// ```
    #[inline]
    #[must_use]
    #[track_caller]
    pub const fn named(name: &'a str) -> Self {
        Self {
            name: Some(name),
            location: Location::caller(),
        }
    }

    /// The same name at another line.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::panic::Location;
    /// use anyrt_core::SpawnMeta;
    ///
    /// /// Each caller of this function is a line of its own in the runtime's tools.
    /// #[track_caller]
    /// fn job() -> SpawnMeta<'static> {
    ///     SpawnMeta::named("job").at(Location::caller())
    /// }
    /// assert_eq!(job().location().line(), line!());
    /// ```
    #[inline]
    #[must_use]
    pub const fn at(self, location: &'static Location<'static>) -> Self {
        Self {
            name: self.name,
            location,
        }
    }

    /// The name, if the task has one.
    #[inline]
    pub const fn name(&self) -> Option<&'a str> {
        self.name
    }

    /// The line that spawned the task.
    #[inline]
    pub const fn location(&self) -> &'static Location<'static> {
        self.location
    }
}
