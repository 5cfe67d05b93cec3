using System.Text;
using Hospes.Sdk.Consoles;

namespace Hospes.Hypervisor.Abi.Tests.Fakes;

internal sealed class FakeConsole : IConsole
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _output = new();
    private readonly Queue<byte> _typed = new();

    public event Action? InputArrived;

    internal bool IsDisposed { get; private set; }

    internal string Output
    {
        get
        {
            lock (_lock)
                return _output.ToString();
        }
    }

    internal int Waiting
    {
        get
        {
            lock (_lock)
                return _typed.Count;
        }
    }

    public void Write(ReadOnlySpan<byte> fromGuest)
    {
        lock (_lock)
            _output.Append(Encoding.Latin1.GetString(fromGuest));
    }

    public int Read(Span<byte> toGuest)
    {
        lock (_lock)
        {
            int count = 0;
            while (count < toGuest.Length && _typed.TryDequeue(out byte typed))
                toGuest[count++] = typed;
            return count;
        }
    }

    public void Dispose() => IsDisposed = true;

    internal void Type(string text)
    {
        lock (_lock)
        {
            foreach (byte character in Encoding.Latin1.GetBytes(text))
                _typed.Enqueue(character);
        }

        InputArrived?.Invoke();
    }
}
