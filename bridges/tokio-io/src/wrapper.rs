/// What both wrappers have.
macro_rules! wrapper {
    ($wrapper:ident) => {
        impl<S> $wrapper<S> {
            /// Wraps `inner`.
            #[inline]
            pub const fn new(inner: S) -> Self {
                Self { inner }
            }

            /// The stream.
            #[inline]
            pub const fn get_ref(&self) -> &S {
                &self.inner
            }

            /// The stream, to be changed.
            #[inline]
            pub const fn get_mut(&mut self) -> &mut S {
                &mut self.inner
            }

            /// Gives the stream back.
            #[inline]
            pub fn into_inner(self) -> S {
                self.inner
            }
        }
    };
}
pub(crate) use wrapper;
