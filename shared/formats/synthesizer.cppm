/// A melody as sound: plucked strings, by the oldest and shortest of all physical models.
///
/// Karplus and Strong: a delay line that is as long as one period of the note is filled with noise. What leaves it is
/// averaged with what left it a sample before and fed back in: each time around, high frequencies lose more than low
/// ones, as on a string. The delay must be no whole number of samples, or the note would be out of tune: an allpass
/// filter of the first order adds the rest.
/// Sources: Karplus and Strong, Digital synthesis of plucked-string and drum timbres, Computer Music Journal 7, 1983;
/// Jaffe and Smith, Extensions of the Karplus-Strong plucked-string algorithm, in the same volume.
export module rnn.formats.synthesizer;

import rnn.base.std;
import rnn.data.melody;

export namespace rnn {

constexpr unsigned sample_rate = 44100;

/// The frequency of a pitch in equal temperament; A4 (69) is 440 Hz.
double frequency_of(int pitch);

/// A plucked string of that pitch, so many samples long and damped at the end. Its loudest sample is about 1. The noise
/// depends on `seed`. Besides what averaging takes, it loses 60 decibels in three seconds. A pitch whose period is less
/// than 3.8 samples is silent.
std::vector<float> pluck(int pitch, std::size_t samples, std::uint64_t seed = 1, unsigned rate = sample_rate);

/// The melody at its tempo, with its chords, if it has any, below it and a quarter as loud; the loudest sample is 0.9.
/// Strings are plucked with the seeds 1, 2, …, those of the chords last, and ring for a tenth of a second longer than
/// they are written; a quarter of a second of silence follows. The same melody is the same sound.
std::vector<float> synthesize(const Melody& melody, unsigned rate = sample_rate);

}  // namespace rnn
