//! Doubly linked lists of frames, by index, that share two arrays: a frame is in one list at most.

const NONE: u32 = u32::MAX;

#[derive(Debug)]
pub struct Links {
    next: Vec<u32>,
    previous: Vec<u32>,
    /// 0: in no list.
    list_of: Vec<u8>,
}

/// First in, first out unless moved.
#[derive(Debug)]
pub struct List {
    id: u8,
    head: u32,
    tail: u32,
    len: usize,
}

impl Links {
    pub fn new(frames: usize) -> Self {
        Self {
            next: vec![NONE; frames],
            previous: vec![NONE; frames],
            list_of: vec![0; frames],
        }
    }

    /// The id of the list that holds `frame`; 0 for none.
    pub fn list_of(&self, frame: u32) -> u8 {
        self.list_of[frame as usize]
    }
}

impl List {
    /// `id` from 1.
    pub fn new(id: u8) -> Self {
        Self {
            id,
            head: NONE,
            tail: NONE,
            len: 0,
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Puts a frame that is in no list at the end.
    pub fn push_back(&mut self, links: &mut Links, frame: u32) {
        let at = frame as usize;
        debug_assert_eq!(links.list_of[at], 0, "a frame in two lists");
        links.list_of[at] = self.id;
        links.next[at] = NONE;
        links.previous[at] = self.tail;
        match self.tail {
            NONE => self.head = frame,
            tail => links.next[tail as usize] = frame,
        }
        self.tail = frame;
        self.len += 1;
    }

    pub fn remove(&mut self, links: &mut Links, frame: u32) {
        let at = frame as usize;
        debug_assert_eq!(links.list_of[at], self.id, "a frame of another list");
        let (previous, next) = (links.previous[at], links.next[at]);
        match previous {
            NONE => self.head = next,
            previous => links.next[previous as usize] = next,
        }
        match next {
            NONE => self.tail = previous,
            next => links.previous[next as usize] = previous,
        }
        links.list_of[at] = 0;
        self.len -= 1;
    }

    pub fn pop_front(&mut self, links: &mut Links) -> Option<u32> {
        let frame = (self.head != NONE).then_some(self.head)?;
        self.remove(links, frame);
        Some(frame)
    }
}
