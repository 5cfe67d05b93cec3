namespace Hospes.Xm.Terminal;

/// <summary>Signals that ask to end, on their way from the system to whatever command has something to tidy up.</summary>
internal sealed class Interrupts
{
    internal const int Hangup = 1;
    internal const int Interrupt = 2;
    internal const int Terminate = 15;

    private readonly Lock _gate = new();
    private Action<int>? _handler;

    /// <summary>Until the result is disposed signals go to this handler, on a thread of the runtime's; it must not block.</summary>
    public IDisposable Handle(Action<int> handler)
    {
        lock (_gate)
        {
            Action<int>? outer = _handler;
            _handler = handler;
            return new Scope(this, outer);
        }
    }

    /// <summary>Delivers a signal.</summary>
    /// <returns>False if nobody wants it: then the program ends at once.</returns>
    public bool Raise(int signal)
    {
        lock (_gate)
        {
            _handler?.Invoke(signal);
            return _handler is not null;
        }
    }

    private sealed class Scope(Interrupts owner, Action<int>? outer) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._gate)
                owner._handler = outer;
        }
    }
}
