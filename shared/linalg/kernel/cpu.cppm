module;

/// Which vector instructions the kernels use: chosen once, at run time.
export module rnn.linalg.kernel.cpu;

export namespace rnn {

/// From slow to fast. Those with fused multiply-add (avx2, avx512) compute the same bits.
enum class InstructionSet { baseline, avx2, avx512 };

/// The fastest set that this machine has, unless the environment variable RNN_KERNEL names one (avx512, avx2 or
/// baseline). Throws std::invalid_argument when RNN_KERNEL is anything else, or names a set that this machine lacks.
InstructionSet instruction_set();

/// "avx512", "avx2" or "baseline".
const char* name(InstructionSet set);

/// "fused" or "baseline": all sets with fused multiply-add compute the same bits; the baseline rounds once more.
const char* kind_of_kernel();

/// Whether this machine can run it.
bool available(InstructionSet set);

/// Replaces the choice until the program ends: the tests run every set that the machine has.
/// Throws std::invalid_argument when it is not available.
void force_instruction_set(InstructionSet set);

}  // namespace rnn
