//! A reader-writer lock that the simulator can schedule.

use std::ops::{Deref, DerefMut};

use super::scheduler;

#[derive(Debug, Default)]
pub struct RwLock<T: ?Sized>(parking_lot::RwLock<T>);

/// Unlocks when dropped.
pub struct RwLockReadGuard<'a, T: ?Sized>(parking_lot::RwLockReadGuard<'a, T>);
/// Unlocks when dropped.
pub struct RwLockWriteGuard<'a, T: ?Sized>(parking_lot::RwLockWriteGuard<'a, T>);

impl<T> RwLock<T> {
    pub const fn new(value: T) -> Self {
        Self(parking_lot::RwLock::new(value))
    }
}

impl<T: ?Sized> RwLock<T> {
    #[inline]
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        if scheduler::is_simulated() {
            loop {
                scheduler::switch();
                if let Some(guard) = self.0.try_read() {
                    return RwLockReadGuard(guard);
                }
            }
        }
        RwLockReadGuard(self.0.read())
    }

    #[inline]
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        if scheduler::is_simulated() {
            loop {
                scheduler::switch();
                if let Some(guard) = self.0.try_write() {
                    return RwLockWriteGuard(guard);
                }
            }
        }
        RwLockWriteGuard(self.0.write())
    }

    #[inline]
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        scheduler::switch();
        self.0.try_read().map(RwLockReadGuard)
    }

    #[inline]
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T>> {
        scheduler::switch();
        self.0.try_write().map(RwLockWriteGuard)
    }

    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
