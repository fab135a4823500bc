// Everything a kernel calls must be inlined into it, so that it is compiled for the kernel's instruction set.

/// Plain vector types for the bodies of the kernels. No chapter imports this, and no other interface except
/// rnn.linalg.kernel.blocks.
///
/// Everything is written once. `run(set, body)` holds the body compiled three times (for the baseline, for AVX2 with
/// FMA, for AVX-512) and calls the one it is asked for.
export module rnn.linalg.kernel.simd;

import rnn.base.std;
import rnn.linalg.activation;
import rnn.linalg.kernel.cpu;
import rnn.linalg.matrix;

export namespace rnn::simd {

using Scalar = Real;

/// 32 bytes: eight floats or four doubles, one register of AVX2.
using Vector [[gnu::vector_size(32)]] = Scalar;

/// 64 bytes: two of these, or one register of AVX-512.
using WideVector [[gnu::vector_size(64)]] = Scalar;

/// 256 bytes: four registers of AVX-512, for a long chain of operations on each element, such as tanh. While the
/// processor waits for the result in one register, it works on the other three.
using LongVector [[gnu::vector_size(256)]] = Scalar;

template <class V>
constexpr std::size_t lanes_of = sizeof(V) / sizeof(Scalar);
constexpr std::size_t lanes = lanes_of<Vector>;

using Integer = std::conditional_t<sizeof(Scalar) == 4, std::int32_t, std::int64_t>;
template <class V>
struct IntegersOf {
  using Type [[gnu::vector_size(sizeof(V))]] = Integer;
};
template <class V>
using Integers = typename IntegersOf<V>::Type;

template <class V>
[[gnu::always_inline]] inline V broadcast(Scalar x) {
  return x - V{};  // which is x also where that is −0
}

template <class V, class Element>
[[gnu::always_inline]] inline V load(const Element* from) {
  V v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

template <class V>
[[gnu::always_inline]] inline void store(const V& v, Scalar* to) {
  std::memcpy(to, &v, sizeof v);
}

template <class V>
struct HalfOf {
  using Type [[gnu::vector_size(sizeof(V) / 2)]] = Scalar;
};
template <class V>
using Half = typename HalfOf<V>::Type;

// Joins two registers into one, or takes the lower or upper half of one.
template <class V, std::size_t... lane>
[[gnu::always_inline]] inline V join(const Half<V>& low, const Half<V>& high, std::index_sequence<lane...>) {
  return __builtin_shufflevector(low, high, lane...);
}
template <class V, std::size_t... lane>
[[gnu::always_inline]] inline Half<V> lower_half(const V& v, std::index_sequence<lane...>) {
  return __builtin_shufflevector(v, v, lane...);
}
template <class V, std::size_t... lane>
[[gnu::always_inline]] inline Half<V> upper_half(const V& v, std::index_sequence<lane...>) {
  return __builtin_shufflevector(v, v, (lane + sizeof...(lane))...);
}
template <class V>
[[gnu::always_inline]] inline V join(const Half<V>& low, const Half<V>& high) {
  return join<V>(low, high, std::make_index_sequence<lanes_of<V>>{});
}
template <class V>
[[gnu::always_inline]] inline Half<V> lower_half(const V& v) {
  return lower_half(v, std::make_index_sequence<lanes_of<V> / 2>{});
}
template <class V>
[[gnu::always_inline]] inline Half<V> upper_half(const V& v) {
  return upper_half(v, std::make_index_sequence<lanes_of<V> / 2>{});
}

/// The first `count` lanes, count ≤ lanes; the others are zero. Loads halves, quarters and eighths and never goes
/// through memory: reading a register back after several smaller stores stalls.
template <class V>
[[gnu::always_inline]] inline V load_first(const Scalar* from, std::size_t count) {
  constexpr std::size_t half = lanes_of<V> / 2;
  if (count == lanes_of<V>) return load<V>(from);
  if constexpr (half == 1) {
    V v{};
    if (count > 0) v[0] = from[0];
    return v;
  } else {
    if (count < half) return join<V>(load_first<Half<V>>(from, count), Half<V>{});
    return join<V>(load<Half<V>>(from), load_first<Half<V>>(from + half, count - half));
  }
}

template <class V>
[[gnu::always_inline]] inline void store_first(const V& v, Scalar* to, std::size_t count) {
  constexpr std::size_t half = lanes_of<V> / 2;
  if (count == lanes_of<V>) return store(v, to);
  if constexpr (half == 1) {
    if (count > 0) to[0] = v[0];
  } else {
    if (count < half) return store_first(lower_half(v), to, count);
    store(lower_half(v), to);
    if (count > half) store_first(upper_half(v), to + half, count - half);
  }
}

template <class To, class From>
[[gnu::always_inline]] inline To bits(const From& from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

template <class V, class Function, std::size_t... lane>
[[gnu::always_inline]] inline V each_lane(const V& x, Function function, std::index_sequence<lane...>) {
  return V{function(x[lane])...};
}
template <class V, class Function>
[[gnu::always_inline]] inline V each_lane(const V& x, Function function) {
  return each_lane(x, function, std::make_index_sequence<lanes_of<V>>{});
}

/// One bit for each lane, the lowest for the first: set where the lane is not zero. (A NaN is not.)
template <class V>
[[gnu::always_inline]] inline std::uint64_t nonzero(const V& x) {
  constexpr int count = sizeof(V) / sizeof(x[0]);
  using Flags = bool __attribute__((ext_vector_type(count)));
  return __builtin_bit_cast(unsigned _BitInt(count), __builtin_convertvector(x != 0, Flags));
}

/// √x, correctly rounded.
template <class V>
[[gnu::always_inline]] inline V square_root(const V& x) {
  return __builtin_elementwise_sqrt(x);
}

template <class V>
[[gnu::always_inline]] inline V clamp(const V& x, Scalar low, Scalar high) {  // a NaN stays a NaN: it compares false
  const V at_least = broadcast<V>(low) > x ? broadcast<V>(low) : x;
  return broadcast<V>(high) < at_least ? broadcast<V>(high) : at_least;
}

/// e^x = (1 + p)·2^n for |x| ≤ 87: n = x / ln 2 rounded, r = x − n·ln 2, p = e^r − 1 = r + r²·q(r). The polynomial q is
/// the Chebyshev interpolant of (e^r − 1 − r) / r² for |r| ≤ ln 2 / 2; it leaves a relative error of 1e-8. ln 2 comes
/// in two pieces, since an error in it counts n times over. `shift` is added to n in the power.
template <class V>
struct Exponential {
  V power;  // 2^(n + shift)
  V p;
};
template <class V>
[[gnu::always_inline]] inline Exponential<V> exponential(const V& x, Scalar ln2, Scalar ln2_rest, Integer shift) {
  // Adding 1.5·2^23 rounds to an integer, in the lowest bits; with 127 added, these are the bits of an exponent.
  const V magic = broadcast<V>(Scalar(12582912 + 127 + shift));
  const V shifted = x * 1.44269504f + magic;
  const V n = shifted - magic;
  V r = x - n * ln2;
  if (ln2_rest != 0) r = r - n * ln2_rest;
  const V q = (((1.39262504e-3f * r + 8.36323295e-3f) * r + 4.16665524e-2f) * r + 1.66665763e-1f) * r + 0.5f;
  return {bits<V>(bits<Integers<V>>(shifted) << 23), q * (r * r) + r};
}

/// e^x: relative error at most 2e-7 for −86.6 ≤ x; 0 below that, infinity where it overflows.
template <class V>
[[gnu::always_inline]] inline V exp(const V& x) {
  if constexpr (sizeof(Scalar) == 8) return each_lane(x, [](Scalar v) { return std::exp(v); });
  // Half of the power, doubled at the end: 2^128 is too large for a float, though (1 + p)·2^128 may not be.
  const auto [half, p] = exponential(clamp(x, Scalar(-87), Scalar(89)), Scalar(0.693145752), Scalar(1.42860677e-6), -1);
  const V y = (half + half * p) * Scalar(2);
  return x < Scalar(-86.6) ? V{} : y;
}

/// tanh x = E / (E + 2) with E = e^2x − 1, which is accurate near zero because the 1 is never added. The error grows
/// with E but matters less and less, since the quotient approaches 1. One piece of ln 2 is enough here. Absolute error
/// at most 1e-7 everywhere; odd, and at most 1.
template <class V>
[[gnu::always_inline]] inline V tanh(const V& x) {
  if constexpr (sizeof(Scalar) == 8) return each_lane(x, [](Scalar v) { return std::tanh(v); });
  const Integers<V> sign = bits<Integers<V>>(x) & bits<Integers<V>>(broadcast<V>(Scalar(-0.0)));
  const V magnitude = bits<V>(bits<Integers<V>>(x) ^ sign), twice = magnitude + magnitude;
  const V limit = broadcast<V>(20);  // tanh 10 is 1 in float
  const auto [power, p] = exponential<V>(limit < twice ? limit : twice, Scalar(0.693147181), 0, 0);
  const V e = power * p + (power - Scalar(1));
  return bits<V>(bits<Integers<V>>(e / (e + Scalar(2))) | sign);
}

/// 1 / (1 + e^−x). Relative error at most 3e-7 where the result is a normal number.
template <class V>
[[gnu::always_inline]] inline V sigmoid(const V& x) {
  return Scalar(1) / (Scalar(1) + exp(-x));
}

/// max(x, 0); a NaN stays a NaN.
template <class V>
[[gnu::always_inline]] inline V relu(const V& x) {
  return x < Scalar(0) ? V{} : x;
}

/// Compiles body<set>() once for each instruction set and calls the one it is asked for. The body is passed by value,
/// which tells the compiler that nothing it stores overwrites the body itself. On other processors than x86 there is
/// only the baseline, and no other body is compiled.
#if defined(__x86_64__)
template <class Body>
[[gnu::target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]] void with_avx512(Body body) {
  body.template operator()<InstructionSet::avx512>();
}
template <class Body>
[[gnu::target("avx2,fma")]] void with_avx2(Body body) {
  body.template operator()<InstructionSet::avx2>();
}
template <InstructionSet set, class Body>
void run(const Body& body) {
  if constexpr (set == InstructionSet::avx512) return with_avx512(body);
  if constexpr (set == InstructionSet::avx2) return with_avx2(body);
  body.template operator()<InstructionSet::baseline>();
}
template <class Body>
void for_set(InstructionSet set, const Body& body) {
  switch (set) {
    case InstructionSet::avx512: return body.template operator()<InstructionSet::avx512>();
    case InstructionSet::avx2: return body.template operator()<InstructionSet::avx2>();
    case InstructionSet::baseline: return body.template operator()<InstructionSet::baseline>();
  }
}
template <class Body>
void run(InstructionSet set, const Body& body) {
  switch (set) {
    case InstructionSet::avx512: return run<InstructionSet::avx512>(body);
    case InstructionSet::avx2: return run<InstructionSet::avx2>(body);
    case InstructionSet::baseline: return run<InstructionSet::baseline>(body);
  }
}
#else
template <InstructionSet set, class Body>
void run(const Body& body) {
  body.template operator()<set>();
}
template <class Body>
void for_set(InstructionSet, const Body& body) {
  body.template operator()<InstructionSet::baseline>();
}
template <class Body>
void run(InstructionSet, const Body& body) {
  body.template operator()<InstructionSet::baseline>();
}
#endif

/// f(x) of a layer.
template <Activation f, class V>
[[gnu::always_inline]] inline V activate(const V& x) {
  if constexpr (f == Activation::tanh) return tanh(x);
  if constexpr (f == Activation::relu) return relu(x);
  if constexpr (f == Activation::sigmoid) return sigmoid(x);
  return x;
}

/// f′(x) · dy, from y = f(x).
template <Activation f, class V>
[[gnu::always_inline]] inline V activation_gradient(const V& y, const V& dy) {
  if constexpr (f == Activation::tanh) return dy * (Scalar(1) - y * y);
  if constexpr (f == Activation::relu) return y > Scalar(0) ? dy : V{};
  if constexpr (f == Activation::sigmoid) return dy * (y * (Scalar(1) - y));
  return dy;
}

}  // namespace rnn::simd
