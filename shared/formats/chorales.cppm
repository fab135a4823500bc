/// The sopranos of chorales, from JSON that lists what four voices sing at every sixteenth note.
export module rnn.formats.chorales;

import rnn.base.std;
import rnn.data.melody;

export namespace rnn {

/// The soprano of each chorale. The text is an object whose members, such as "train" and "test", are lists of chorales;
/// a chorale is a list of steps, and a step is a list of MIDI pitches from the soprano down, −1 for a rest.
///
/// The format says less than a score, so this is what is assumed: a pitch that is repeated is one long note, at most to
/// the end of its bar; the meter is 4/4, and sixteenths that do not fill a bar are an upbeat; the key is the one that
/// the pitches of all voices fit best (see key_of). `path` stands for the text in messages. Throws FileError.
std::vector<Melody> parse_chorales(std::string_view text, const std::filesystem::path& path);

/// The same for a file.
std::vector<Melody> read_chorales(const std::filesystem::path& path);

/// The key whose profile correlates best with how long each of the twelve pitch classes sounds, C first.
/// Source: Krumhansl and Kessler, Tracing the dynamic changes in perceived tonal organization in a spatial
/// representation of musical keys, 1982.
Key key_of(const std::vector<double>& pitch_classes);

}  // namespace rnn
