//! The powers of α are all the nonzero elements: the field has no zero divisors.

#[cfg(verus_only)]
use super::{field::*, orbit::*};
use vstd::prelude::*;
#[cfg(verus_only)]
use vstd::set_lib::*;

verus! {

/// Multiplication by α.
pub open spec fn alpha() -> spec_fn(u64) -> u64 {
    |v: u64| times_alpha(v)
}

/// `v` times α^n.
pub open spec fn raise(v: u64, n: nat) -> u64 {
    iterate(alpha(), v, n)
}

/// α^n.
pub open spec fn power(n: nat) -> u64 {
    raise(1, n)
}

/// Multiplication by a power of α is linear.
pub proof fn lemma_raise_linear(u: u64, v: u64, n: nat)
    ensures
        raise(u ^ v, n) == raise(u, n) ^ raise(v, n),
    decreases n,
{
    if n > 0 {
        let before = (n - 1) as nat;
        lemma_raise_linear(u, v, before);
        lemma_times_alpha_linear(raise(u, before), raise(v, before));
    }
}

/// Multiplied by a power of α, zero stays zero.
pub proof fn lemma_raise_zero(n: nat)
    ensures
        raise(0, n) == 0,
{
    lemma_raise_linear(0, 0, n);
    let zero = raise(0, n);
    assert(0u64 ^ 0u64 == 0 && zero ^ zero == 0) by (bit_vector);
}

/// Multiplied by a power of α, an element is one, and another than every other.
pub proof fn lemma_raise_injective(u: u64, v: u64, n: nat)
    requires
        is_element(u),
        is_element(v),
    ensures
        is_element(raise(u, n)),
        raise(u, n) == raise(v, n) ==> u == v,
    decreases n,
{
    if n > 0 {
        let before = (n - 1) as nat;
        lemma_raise_injective(u, v, before);
        lemma_raise_injective(v, v, before);
        lemma_times_alpha_injective(raise(u, before), raise(v, before));
    }
}

/// Powers of α are nonzero elements.
pub proof fn lemma_power_is_nonzero(n: nat)
    ensures
        is_element(power(n)),
        power(n) != 0,
{
    lemma_raise_injective(1, 0, n);
    lemma_raise_zero(n);
}

/// Powers of α whose exponents are less than 32,767 apart differ.
pub proof fn lemma_powers_differ(m: nat, n: nat)
    requires
        m < n < m + 32_767,
    ensures
        power(m) != power(n),
{
    let apart = (n - m) as nat;
    assert(alpha()(0) == 0) by {
        assert(0u64 & 0x4000 == 0 && 0u64 << 1 == 0) by (bit_vector);
    }
    assert(walk(alpha(), alpha()(1), 32_766) != 0) by (compute_only);
    lemma_no_return(alpha(), 32_766);
    assert(iterate(alpha(), 1, apart) != 1);
    lemma_iterate_add(alpha(), 1, apart, m);
    lemma_power_is_nonzero(apart);
    lemma_raise_injective(power(apart), 1, m);
}

/// Every nonzero element is a power of α: there are as many of one as of the other.
proof fn lemma_logarithm(v: u64) -> (n: nat)
    requires
        is_element(v),
        v != 0,
    ensures
        power(n) == v,
{
    let exponents = set_int_range(0, 32_767);
    let nonzero = set_int_range(1, 0x8000);
    let f = |n: int| power(n as nat) as int;
    let powers = exponents.map(f);
    lemma_int_range(0, 32_767);
    lemma_int_range(1, 0x8000);
    assert forall|m: int, n: int|
        exponents.contains(m) && exponents.contains(n) && #[trigger] f(m) == #[trigger] f(
            n,
        ) implies m == n by {
        if m < n {
            lemma_powers_differ(m as nat, n as nat);
        } else if n < m {
            lemma_powers_differ(n as nat, m as nat);
        }
    }
    lemma_map_size(exponents, powers, f);
    assert(powers.subset_of(nonzero)) by {
        assert forall|p: int| #[trigger] powers.contains(p) implies nonzero.contains(p) by {
            let n = choose|n: int| exponents.contains(n) && f(n) == p;
            lemma_power_is_nonzero(n as nat);
        }
    }
    lemma_subset_equality(powers, nonzero);
    assert(powers.contains(v as int));
    let n = choose|n: int| exponents.contains(n) && f(n) == v as int;
    n as nat
}

/// To multiply by α^n is to multiply by α, `n` times.
pub proof fn lemma_power_times(n: nat, v: u64)
    requires
        is_element(v),
    ensures
        product(power(n), v) == raise(v, n),
    decreases n,
{
    if n == 0 {
        lemma_one_times(v);
    } else {
        lemma_power_times((n - 1) as nat, v);
        lemma_product_times_alpha(power((n - 1) as nat), v, 15);
    }
}

/// The product of nonzero elements is not zero.
pub proof fn lemma_no_zero_divisors(u: u64, v: u64)
    requires
        is_element(u),
        is_element(v),
        u != 0,
        v != 0,
    ensures
        product(u, v) != 0,
{
    let n = lemma_logarithm(u);
    lemma_power_times(n, v);
    lemma_power_times(n, 0);
    lemma_product_by_zero(u, 15);
    lemma_raise_injective(v, 0, n);
}

} // verus!
