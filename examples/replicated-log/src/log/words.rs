use std::str::SplitAsciiWhitespace;

/// What is said and stored: words on a line, with a space before each.
pub(super) trait Words: Sized {
    fn write(&self, line: &mut String);

    fn read(words: &mut SplitAsciiWhitespace<'_>) -> Option<Self>;
}

macro_rules! one_word {
    ($($type:ty)*) => {$(
        impl Words for $type {
            fn write(&self, line: &mut String) {
                line.push(' ');
                line.push_str(&self.to_string());
            }

            fn read(words: &mut SplitAsciiWhitespace<'_>) -> Option<Self> {
                words.next()?.parse().ok()
            }
        }
    )*};
}

one_word!(bool u64 usize);

impl<A: Words, B: Words> Words for (A, B) {
    fn write(&self, line: &mut String) {
        self.0.write(line);
        self.1.write(line);
    }

    fn read(words: &mut SplitAsciiWhitespace<'_>) -> Option<Self> {
        Some((A::read(words)?, B::read(words)?))
    }
}

/// At the end of a line alone.
impl<T: Words> Words for Option<T> {
    fn write(&self, line: &mut String) {
        self.iter().for_each(|it| it.write(line));
    }

    fn read(words: &mut SplitAsciiWhitespace<'_>) -> Option<Self> {
        match words.clone().next() {
            Some(_) => T::read(words).map(Some),
            None => Some(None),
        }
    }
}

/// At the end of a line alone.
impl<T: Words> Words for Vec<T> {
    fn write(&self, line: &mut String) {
        self.iter().for_each(|it| it.write(line));
    }

    fn read(words: &mut SplitAsciiWhitespace<'_>) -> Option<Self> {
        let mut all = Vec::new();
        while words.clone().next().is_some() {
            all.push(T::read(words)?);
        }
        Some(all)
    }
}

/// Makes a struct whose fields are words, one after the other.
macro_rules! words {
    ($(#[$doc:meta])* $vis:vis struct $name:ident {
        $($(#[$field_doc:meta])* $field_vis:vis $field:ident: $type:ty,)*
    }) => {
        $(#[$doc])*
        $vis struct $name {
            $($(#[$field_doc])* $field_vis $field: $type,)*
        }

        impl $crate::log::words::Words for $name {
            fn write(&self, _line: &mut String) {
                $(self.$field.write(_line);)*
            }

            fn read(_words: &mut std::str::SplitAsciiWhitespace<'_>) -> Option<Self> {
                $(let $field = $crate::log::words::Words::read(_words)?;)*
                Some(Self { $($field),* })
            }
        }
    };
}
pub(super) use words;
