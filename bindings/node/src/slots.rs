//! Handles: numbers for values that JavaScript refers to.
//!
//! A handle is a slot number and a generation, so that one that was closed is not mistaken for the
//! slot's next user.

const INDEX_BITS: u32 = 20;
const INDEX_MASK: u32 = (1 << INDEX_BITS) - 1;

/// At most 2^20 values; a handle is never 0.
pub struct Slots<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

impl<T> Slots<T> {
    pub const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    /// None when all slots are in use.
    pub fn insert(&mut self, value: T) -> Option<u32> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.slots.len() as u32 > INDEX_MASK => return None,
            None => {
                self.slots.push(Slot {
                    generation: 1,
                    value: None,
                });
                self.slots.len() as u32 - 1
            }
        };
        let slot = &mut self.slots[index as usize];
        slot.value = Some(value);
        Some(slot.generation << INDEX_BITS | index)
    }

    pub fn get(&self, handle: u32) -> Option<&T> {
        let slot = self.slots.get((handle & INDEX_MASK) as usize)?;
        if slot.generation != handle >> INDEX_BITS {
            return None;
        }
        slot.value.as_ref()
    }

    pub fn get_mut(&mut self, handle: u32) -> Option<&mut T> {
        let slot = self.slots.get_mut((handle & INDEX_MASK) as usize)?;
        if slot.generation != handle >> INDEX_BITS {
            return None;
        }
        slot.value.as_mut()
    }

    pub fn remove(&mut self, handle: u32) -> Option<T> {
        self.get(handle)?;
        let index = handle & INDEX_MASK;
        let slot = &mut self.slots[index as usize];
        // Generation 0 is left out, so that no handle is 0.
        slot.generation = (slot.generation % (u32::MAX >> INDEX_BITS)) + 1;
        self.free.push(index);
        slot.value.take()
    }

    /// Takes out all that `matches`.
    pub fn remove_where(&mut self, matches: impl Fn(&T) -> bool) -> Vec<T> {
        let handles: Vec<u32> = self
            .slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| slot.value.as_ref().is_some_and(&matches))
            .map(|(index, slot)| slot.generation << INDEX_BITS | index as u32)
            .collect();
        handles
            .into_iter()
            .filter_map(|handle| self.remove(handle))
            .collect()
    }
}
