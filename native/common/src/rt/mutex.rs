//! A mutex that the simulator can schedule.

use std::ops::{Deref, DerefMut};

use super::scheduler;

#[derive(Debug, Default)]
pub struct Mutex<T: ?Sized>(parking_lot::Mutex<T>);

/// Unlocks when dropped.
pub struct MutexGuard<'a, T: ?Sized> {
    pub(super) mutex: &'a Mutex<T>,
    /// None only inside [`MutexGuard::unlocked`].
    pub(super) inner: Option<parking_lot::MutexGuard<'a, T>>,
}

const HELD: &str = "a guard holds its lock";

impl<T: ?Sized> MutexGuard<'_, T> {
    /// Unlocks, runs `body`, locks again the way the simulator can schedule.
    pub(super) fn unlocked(&mut self, body: impl FnOnce()) {
        self.inner = None;
        body();
        self.inner = self.mutex.lock().inner;
    }
}

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
                    return MutexGuard {
                        mutex: self,
                        inner: Some(guard),
                    };
                }
            }
        }
        MutexGuard {
            mutex: self,
            inner: Some(self.0.lock()),
        }
    }

    #[inline]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        scheduler::switch();
        self.0.try_lock().map(|guard| MutexGuard {
            mutex: self,
            inner: Some(guard),
        })
    }

    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        self.inner.as_ref().expect(HELD)
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect(HELD)
    }
}
