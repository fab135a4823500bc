/// Data that one process has read, sent to all processes that work together (rnn.base.ranks): their machines need not
/// have the files.
export module rnn.data.sharing;

import rnn.base.std;
import rnn.data.event_vocabulary;
import rnn.data.images;
import rnn.data.melody;

export namespace rnn {

/// Rank 0's images become those of all processes. Which files they are from is known to rank 0 alone.
void share(Splits& data);

/// Rank 0's melodies become those of all processes.
void share(std::vector<Melody>& melodies);

/// Rank 0's vocabulary becomes that of all processes.
void share(EventVocabulary& vocabulary);

}  // namespace rnn
