//! Verification of a tree at rest.

use common::{PageNo, Result};

use super::leaf_format::LeafFormat;
use super::page_tree::{INNER_KIND, PageTree, ROOT};
use super::{inner, page};
use crate::options::Wait;
use crate::page_header;

/// At most so many problems are told.
const PROBLEMS_MAX: usize = 100;

/// What a page's parent says about it.
struct Expected {
    no: PageNo,
    level: Option<u8>,
    low: Option<Vec<u8>>,
    high: Option<Vec<u8>>,
    right: Option<PageNo>,
}

impl<F: LeafFormat> PageTree<F> {
    /// Checks every page of the tree: levels, fences, neighbours, order within. Nobody may change
    /// the tree meanwhile. What is wrong, one line each, at most 100; nothing if all is well.
    pub fn verify(&self) -> Result<Vec<String>> {
        let mut problems = Vec::new();
        let root = Expected {
            no: ROOT,
            level: None,
            low: None,
            high: None,
            right: None,
        };
        // Page by page, so that memory stays within one path of children.
        let mut path = vec![vec![root]];
        while let Some(siblings) = path.last_mut() {
            let Some(expected) = siblings.pop() else {
                path.pop();
                continue;
            };
            if problems.len() >= PROBLEMS_MAX {
                break;
            }
            let mut children = self.verify_page(&expected, &mut problems)?;
            children.reverse();
            path.push(children);
        }
        Ok(problems)
    }

    fn verify_page(
        &self,
        expected: &Expected,
        problems: &mut Vec<String>,
    ) -> Result<Vec<Expected>> {
        let pin = self.storage.page(self.page_id(expected.no), Wait::Block)?;
        let page = pin.read();
        let level = page::level(&page);
        let kind = if level == 0 {
            self.format.kind()
        } else {
            INNER_KIND
        };
        let mut complain = |what: &str| problems.push(format!("{}: {what}", pin.id()));
        if page_header::kind_of(&page) != kind {
            complain("is not of the kind that its level has");
            return Ok(Vec::new());
        }
        if expected.level.is_some_and(|wanted| wanted != level) {
            complain("is not on the level below its parent");
            return Ok(Vec::new());
        }
        if page::low_fence(&page) != expected.low.as_deref()
            || page::high_fence(&page) != expected.high.as_deref()
        {
            complain("has not the fences that its parent says");
        }
        if expected.right.is_some() && page::right(&page) != expected.right {
            complain("has another right neighbour than its parent says");
        }
        if page::right(&page).is_none() != page::high_fence(&page).is_none() {
            complain("ends the tree on one side only");
        }
        if level > 0 {
            return children(&page, level);
        }
        if let Err(error) = self.format.check(&page) {
            complain(&error.to_string());
        }
        Ok(Vec::new())
    }
}

/// What an inner node says about its children, in order.
fn children(node: &[u8], level: u8) -> Result<Vec<Expected>> {
    let (leftmost, entries) = inner::entries(node)?;
    let mut children = vec![Expected {
        no: leftmost,
        level: Some(level - 1),
        low: page::low_fence(node).map(<[u8]>::to_vec),
        high: page::high_fence(node).map(<[u8]>::to_vec),
        right: None,
    }];
    for entry in entries {
        let (key, child) = (entry.key, entry.child);
        let last = children.last_mut().expect("never empty");
        let high = last.high.replace(key.clone());
        last.right = Some(child);
        children.push(Expected {
            no: child,
            level: Some(level - 1),
            low: Some(key),
            high,
            right: None,
        });
    }
    Ok(children)
}
