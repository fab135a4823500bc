/// Standard MIDI files, which every sequencer and notation program reads.
export module rnn.formats.midi;

import rnn.base.std;
import rnn.data.melody;

export namespace rnn {

/// The melody as a MIDI file of format 1: its title, tempo, meter, key and notes in a first track, its chords, if it
/// has any, in a second one, more quietly and below. A tick of the file is a tick of the melody. Source: MIDI
/// Manufacturers Association, Standard MIDI Files 1.0, RP-001.
std::string format_midi(const Melody& melody);

}  // namespace rnn
