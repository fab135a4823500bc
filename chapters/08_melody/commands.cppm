/// What 08_melody does with a network that has been trained, each a main() of its own.
export module melody.commands;

export namespace melody {

/// How surprising test tunes are to saved weights.
int evaluate(int argc, char** argv);

/// A tune, note by note, picked by chance.
int generate(int argc, char** argv);

/// The same, picked by a person.
int next(int argc, char** argv);

/// What its predictions depend on, and what its neurons count.
int look(int argc, char** argv);

}  // namespace melody
