//! Sets of owned fields, each kept once.
//!
//! The Pods of a set are owned alike, down to the last field; their `fieldsV1` would take more
//! memory than the rest of them.

use imbl::OrdMap;

use crate::api::fnv::fingerprint;
use crate::api::object::Object;
use crate::api::value::Value;

/// How many sets are remembered; then the pool starts anew.
const SETS_MAX: usize = 1024;

/// The sets seen lately, by their hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FieldPool {
    sets: OrdMap<u64, Value>,
}

impl FieldPool {
    /// Makes `object` share its sets of owned fields with other objects; `previous` shares its
    /// own already.
    pub fn share(&mut self, object: &mut Object, previous: Option<&Object>) {
        let list = object.path(&["metadata", "managedFields"]);
        let before = previous.map(|previous| previous.path(&["metadata", "managedFields"]));
        if before.is_some_and(|before| before.is_same(list)) {
            return;
        }
        let mut shared = Vec::new();
        for (index, entry) in list.items().iter().enumerate() {
            let set = entry.get("fieldsV1");
            let pooled = self.pooled(set);
            if !pooled.is_same(set) {
                shared.push((index, pooled));
            }
        }
        if shared.is_empty() {
            return;
        }
        let list = object.value.path_mut(&["metadata", "managedFields"]).array_mut();
        for (index, set) in shared {
            if let Some(entry) = list.get_mut(index) {
                entry.set(&["fieldsV1"], set);
            }
        }
    }

    fn pooled(&mut self, set: &Value) -> Value {
        let hash = fingerprint(set);
        match self.sets.get(&hash) {
            Some(pooled) if pooled == set => return pooled.clone(),
            _ => {}
        }
        if self.sets.len() >= SETS_MAX {
            self.sets.clear();
        }
        self.sets.insert(hash, set.clone());
        set.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::scheme::Kind;
    use crate::value;

    #[test]
    fn equal_sets_are_one() {
        let object = |manager: &str| {
            let entry = value!({"manager": manager, "fieldsV1": {"f:spec": {"f:replicas": {}}}});
            Object::new(Kind::Pod, value!({"metadata": {"managedFields": [(entry)]}}))
        };
        let (mut a, mut b, mut pool) = (object("a"), object("b"), FieldPool::default());
        pool.share(&mut a, None);
        pool.share(&mut b, None);
        let set = |object: &Object| {
            object.path(&["metadata", "managedFields"]).at(0).get("fieldsV1").clone()
        };
        assert!(set(&a).is_same(&set(&b)));
        assert_eq!(b, object("b"));
    }
}
