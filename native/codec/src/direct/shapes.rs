//! The names of results' columns, with what is made of them once: the keys of objects, and a number
//! by which a reader knows them again.

use std::sync::atomic::{AtomicU64, Ordering};

use types::json::write_json_string;

/// Shapes that one connection keeps; the oldest makes room.
const SHAPES_MAX: usize = 64;

/// The next number: numbers are of the whole process, for readers have several connections.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Names of columns in their order.
pub struct Shape {
    /// Below 2^53, so that JavaScript can have it; never given again.
    pub number: u64,
    names: Box<[String]>,
    /// Of all columns: `"name":` with what stands before it, one behind the other.
    keys: Vec<u8>,
    /// Where each column's key ends.
    key_ends: Vec<usize>,
}

impl Shape {
    fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let names: Box<[String]> = names.map(str::to_owned).collect();
        let (mut keys, mut key_ends) = (Vec::new(), Vec::with_capacity(names.len()));
        for (at, name) in names.iter().enumerate() {
            keys.push(if at > 0 { b',' } else { b'{' });
            write_json_string(name, &mut keys);
            keys.push(b':');
            key_ends.push(keys.len());
        }
        Self {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            names,
            keys,
            key_ends,
        }
    }

    /// `"name":` of each column, with the comma or the brace before it.
    pub fn keys(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.key_ends.iter().map(move |end| {
            let key = &self.keys[start..*end];
            start = *end;
            key
        })
    }

    /// Appends the names as a JSON array.
    pub fn write_names(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (at, name) in self.names.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            write_json_string(name, out);
        }
        out.push(b']');
    }
}

/// The shapes of a connection's newest answers.
#[derive(Default)]
pub struct Shapes {
    list: Vec<Shape>,
    /// The one that was asked for last, in `list` if that is not empty.
    current: usize,
}

impl Shapes {
    /// Makes the shape with these names the current one.
    pub fn turn_to<'a>(&mut self, names: impl Iterator<Item = &'a str> + Clone) {
        let is_it = |shape: &Shape| names.clone().eq(shape.names.iter().map(String::as_str));
        if self.list.get(self.current).is_some_and(is_it) {
            return;
        }
        if let Some(known) = self.list.iter().position(is_it) {
            self.current = known;
            return;
        }
        if self.list.len() >= SHAPES_MAX {
            self.list.remove(0);
        }
        self.list.push(Shape::new(names));
        self.current = self.list.len() - 1;
    }

    /// The shape of the last [`Shapes::turn_to`].
    pub fn current(&self) -> &Shape {
        &self.list[self.current]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned<'a>(shapes: &'a mut Shapes, names: &[&str]) -> &'a Shape {
        shapes.turn_to(names.iter().copied());
        shapes.current()
    }

    #[test]
    fn keys_are_those_of_the_newest_names() {
        let mut shapes = Shapes::default();
        let mut keys = |names: &[&str]| {
            let shape = turned(&mut shapes, names);
            shape.keys().map(<[u8]>::to_vec).collect::<Vec<_>>()
        };
        let first = [b"{\"a\":".to_vec(), b",\"b\":".to_vec()];
        assert_eq!(keys(&["a", "b"]), first);
        assert_eq!(keys(&["a", "b"]), first);
        assert_eq!(keys(&["ab"]), [b"{\"ab\":"]);
        assert!(keys(&[]).is_empty());
        assert_eq!(keys(&["a", "b"]), first);
    }

    #[test]
    fn a_shape_keeps_its_number_until_it_makes_room() {
        let mut shapes = Shapes::default();
        let first = turned(&mut shapes, &["a"]).number;
        let second = turned(&mut shapes, &["b"]).number;
        assert_ne!(first, second);
        assert_eq!(turned(&mut shapes, &["a"]).number, first);
        for other in 0..SHAPES_MAX {
            turned(&mut shapes, &[&other.to_string()]);
        }
        assert!(shapes.list.len() <= SHAPES_MAX);
        assert_ne!(turned(&mut shapes, &["a"]).number, first);
        let mut elsewhere = Shapes::default();
        assert_ne!(turned(&mut elsewhere, &["b"]).number, second);
    }
}
