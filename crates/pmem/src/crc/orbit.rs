//! Which states a step passes through, by evaluation.

use vstd::prelude::*;

verus! {

/// The state `n` steps after `state`.
pub open spec fn iterate(step: spec_fn(u64) -> u64, state: u64, n: nat) -> u64
    decreases n,
{
    if n == 0 {
        state
    } else {
        step(iterate(step, state, (n - 1) as nat))
    }
}

/// The state `n` steps after `state`, or zero if one of the `n` states before that is 1. The range is halved for the sake
/// of evaluation, which is then as deep as `n` has digits.
pub open spec fn walk(step: spec_fn(u64) -> u64, state: u64, n: nat) -> u64
    decreases n,
{
    if n == 0 {
        state
    } else if n == 1 {
        if state == 1 {
            0
        } else {
            step(state)
        }
    } else {
        walk(step, walk(step, state, n / 2), (n - n / 2) as nat)
    }
}

/// `m` steps and then `n` are `m + n` steps.
pub proof fn lemma_iterate_add(step: spec_fn(u64) -> u64, state: u64, m: nat, n: nat)
    ensures
        iterate(step, iterate(step, state, m), n) == iterate(step, state, m + n),
    decreases n,
{
    if n > 0 {
        lemma_iterate_add(step, state, m, (n - 1) as nat);
    }
}

/// A walk that does not end at zero has met no 1.
pub proof fn lemma_walk(step: spec_fn(u64) -> u64, state: u64, n: nat)
    requires
        step(0) == 0,
    ensures
        state == 0 ==> walk(step, state, n) == 0,
        walk(step, state, n) != 0 ==> walk(step, state, n) == iterate(step, state, n) && forall|
            k: nat,
        |
            k < n ==> #[trigger] iterate(step, state, k) != 1,
    decreases n,
{
    if n == 1 {
        assert(iterate(step, state, 0) == state);
        assert(iterate(step, state, 1) == step(state));
    } else if n > 1 {
        let half = n / 2;
        let (middle, rest) = (walk(step, state, half), (n - half) as nat);
        lemma_walk(step, state, half);
        lemma_walk(step, middle, rest);
        if walk(step, middle, rest) != 0 {
            lemma_iterate_add(step, state, half, rest);
            assert forall|k: nat| k < n implies #[trigger] iterate(step, state, k) != 1 by {
                if k >= half {
                    lemma_iterate_add(step, state, half, (k - half) as nat);
                    assert(iterate(step, middle, (k - half) as nat) != 1);
                }
            }
        }
    }
}

/// A walk from the state after 1 that does not end at zero does not come back to 1.
pub proof fn lemma_no_return(step: spec_fn(u64) -> u64, n: nat)
    requires
        step(0) == 0,
        walk(step, step(1), n) != 0,
    ensures
        forall|k: nat| 0 < k <= n ==> #[trigger] iterate(step, 1, k) != 1,
{
    lemma_walk(step, step(1), n);
    assert forall|k: nat| 0 < k <= n implies #[trigger] iterate(step, 1, k) != 1 by {
        assert(iterate(step, 1, 1) == step(iterate(step, 1, 0)));
        lemma_iterate_add(step, 1, 1, (k - 1) as nat);
        assert(iterate(step, step(1), (k - 1) as nat) != 1);
    }
}

} // verus!
