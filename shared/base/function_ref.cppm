/// A function as a parameter, without a copy and without memory of its own.
export module rnn.base.function_ref;

import rnn.base.std;

export namespace rnn {

template <class Signature>
class FunctionRef;

/// Refers to anything that can be called with Args and gives a Result: two words, valid as long as what it refers to. A
/// lambda written in a call lives until the call returns.
template <class Result, class... Args>
class FunctionRef<Result(Args...)> {
 public:
  template <class Function>
    requires(!std::is_same_v<std::remove_cvref_t<Function>, FunctionRef> &&
             std::is_invocable_r_v<Result, Function&, Args...>)
  inline FunctionRef(Function&& function)  // implicit: a lambda is passed as it is
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(function)))),
        call_([](void* object, Args... args) -> Result {
          return (*static_cast<std::remove_reference_t<Function>*>(object))(std::forward<Args>(args)...);
        }) {}

  inline Result operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

 private:
  void* object_;
  Result (*call_)(void*, Args...);
};

}  // namespace rnn
