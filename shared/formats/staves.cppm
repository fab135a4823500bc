/// Melodies as notes on staves, drawn by abcm2ps.
export module rnn.formats.staves;

import rnn.base.std;
import rnn.data.melody;

export namespace rnn {

/// The melody as SVG. Nothing where abcm2ps is not installed. Throws FileError, about `path`, when it is and fails, or
/// takes longer than half a minute.
std::optional<std::string> format_staves(const Melody& melody, const std::filesystem::path& path);

}  // namespace rnn
