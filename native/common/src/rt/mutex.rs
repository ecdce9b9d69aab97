//! A mutex that the simulator can schedule.

use std::ops::{Deref, DerefMut};

use super::scheduler;

#[derive(Debug, Default)]
pub struct Mutex<T: ?Sized>(parking_lot::Mutex<T>);

/// Unlocks when dropped.
pub struct MutexGuard<'a, T: ?Sized>(pub(super) parking_lot::MutexGuard<'a, T>);

impl<T> Mutex<T> {
    pub const fn new(value: T) -> Self {
        Self(parking_lot::Mutex::new(value))
    }

    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    #[inline]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        if scheduler::is_simulated() {
            loop {
                scheduler::switch();
                if let Some(guard) = self.0.try_lock() {
                    return MutexGuard(guard);
                }
            }
        }
        MutexGuard(self.0.lock())
    }

    #[inline]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        scheduler::switch();
        self.0.try_lock().map(MutexGuard)
    }

    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
