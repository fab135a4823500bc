/// What a network makes of a melody that it hears, event by event: what is in its state, and what its predictions
/// depend on.
export module rnn.network.listening;

import rnn.base.std;
import rnn.data.event_vocabulary;
import rnn.linalg.matrix;
import rnn.network.melody_network;

export namespace rnn {

/// Row t is the output of the cell from which event t is predicted, (events × n).
Matrix states_of(const MelodyNetwork& network, const EncodedMelody& tune);

/// How much the predictions of the first `events` events depend on what was heard before: row t, column k is the norm
/// of ∂log P(event t) in the embeddings of event t − 1 − k, its pitch and its duration; 0 where there is no such event.
Matrix influence_of(const MelodyNetwork& network, const EncodedMelody& tune, Index events, Index back);

/// For each column, which part of its variance is between groups of rows: 0 when all groups have the same mean, 1 when
/// the group says it all. Row i is in group[i].
std::vector<double> explained_by(ConstView values, std::span<const Index> group);

}  // namespace rnn
