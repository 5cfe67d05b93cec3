using System.Text;
using Hospes.Sdk.Consoles;

namespace Hospes.GuestTrace;

/// <summary>The guest's console on the tool's own standard output. A text is typed once the guest has said another.</summary>
/// <param name="prompt">What the guest says first.</param>
/// <param name="typed">What is typed then; null: nothing.</param>
internal sealed class StandardConsole(string prompt, string? typed) : IConsole
{
    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly Lock _lock = new();
    private readonly Queue<byte> _input = new();
    private string? _said = typed is null ? null : "";

    public event Action? InputArrived;

    public void Write(ReadOnlySpan<byte> fromGuest)
    {
        _output.Write(fromGuest);
        _output.Flush();
        if (_said is null)
            return;
        _said += Encoding.Latin1.GetString(fromGuest);
        if (!_said.Contains(prompt, StringComparison.Ordinal))
        {
            _said = _said[^Math.Min(_said.Length, prompt.Length)..];
            return;
        }

        _said = null;
        lock (_lock)
        {
            foreach (byte one in Encoding.UTF8.GetBytes(typed!))
                _input.Enqueue(one);
        }

        // Not on this thread, which is the ring's: it may not be ready to be called back.
        ThreadPool.QueueUserWorkItem(_ => InputArrived?.Invoke());
    }

    public int Read(Span<byte> toGuest)
    {
        lock (_lock)
        {
            int count = 0;
            while (count < toGuest.Length && _input.TryDequeue(out byte one))
                toGuest[count++] = one;
            return count;
        }
    }

    public void Dispose() => _output.Flush();
}
