using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Hospes.Xm.Terminal;

/// <summary>
/// A person, or a pipe, at a guest's console: raw bytes both ways. At a terminal Ctrl-] ends it. In a pipe no byte is special,
/// and the end of the input only means that nothing more is typed: output goes on until the guest's side closes.
/// </summary>
/// <remarks>One thread serves both directions; it never waits for the guest to take input while output is there to be shown.</remarks>
internal sealed unsafe class ConsoleSession : IDisposable
{
    /// <summary>Ctrl-].</summary>
    internal const byte Escape = 0x1d;

    private readonly Socket _guest;
    private readonly int _inputFd;
    private readonly FdStream _output;
    private readonly byte[] _buffer = new byte[16384];
    private readonly byte[] _typed = new byte[4096];
    private int _typedStart;
    private int _typedEnd;
    private bool _inputOpen = true;
    private bool _detach;
    private volatile int _signal;

    /// <param name="guest">Connected to the console's socket; the session owns it.</param>
    public ConsoleSession(Socket guest, int inputFd, int outputFd)
    {
        _guest = guest;
        _guest.Blocking = false;
        _inputFd = inputFd;
        _output = new FdStream(outputFd);
    }

    /// <summary>The signal that ended the session, or 0.</summary>
    public int Signal => _signal;

    /// <summary>Connects to a console's socket.</summary>
    public static Socket Connect(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Runs until one side ends it. The terminal is as before when this returns, however it returns.</summary>
    /// <param name="interrupts">Where signals come from while it runs.</param>
    /// <param name="earlierSignal">Tells a signal that the caller got before this took over, or 0.</param>
    public ConsoleEnd Run(Interrupts interrupts, Func<int>? earlierSignal = null)
    {
        using RawTerminal? terminal = RawTerminal.Enter(_inputFd);
        using IDisposable handler = interrupts.Handle(signal =>
        {
            _signal = signal;
            terminal?.Dispose(); // at once: the loop below may hang in a write to a stopped terminal
            Hangup();
        });
        if (earlierSignal?.Invoke() is > 0 and { } earlier)
        {
            _signal = earlier;
            return ConsoleEnd.Interrupted;
        }

        try
        {
            return Pump(isTerminal: terminal is not null);
        }
        catch (OutputClosedException)
        {
            return ConsoleEnd.Interrupted;
        }
    }

    public void Dispose() => _guest.Dispose();

    private ConsoleEnd Pump(bool isTerminal)
    {
        PollRequest* requests = stackalloc PollRequest[2]; // filled anew for each poll, which is all that uses it
        while (true)
        {
            bool pending = _typedStart < _typedEnd;
            if (_detach && !pending)
                return ConsoleEnd.Detached;
            requests[0] = new PollRequest { Fd = _inputOpen && !pending ? _inputFd : -1, Events = Libc.PollIn };
            requests[1] = new PollRequest { Fd = (int)_guest.Handle, Events = (short)(Libc.PollIn | (pending ? Libc.PollOut : 0)) };
            if (Libc.Poll(requests, 2, -1) < 0)
                continue; // only a signal ends poll early
            if ((requests[1].Returned & (Libc.PollIn | Libc.PollError)) != 0 && !ShowOutput())
                return _signal != 0 ? ConsoleEnd.Interrupted : ConsoleEnd.Closed;
            if (pending)
                SendTyped();
            else if (requests[0].Returned != 0 && !ReadTyped(isTerminal))
                return ConsoleEnd.Interrupted;
        }
    }

    /// <returns>False at the end of the guest's output.</returns>
    private bool ShowOutput()
    {
        int count = _guest.Receive(_buffer, SocketFlags.None, out SocketError error);
        if (error is SocketError.WouldBlock or SocketError.Interrupted)
            return true;
        if (error != SocketError.Success || count == 0)
            return false;
        _output.Write(_buffer.AsSpan(0, count));
        return true;
    }

    /// <returns>False if the terminal is gone.</returns>
    private bool ReadTyped(bool isTerminal)
    {
        nint count;
        fixed (byte* buffer = _typed) // pinned for the time of the call
            count = Libc.Read(_inputFd, buffer, (nuint)_typed.Length);
        if (count < 0 && Marshal.GetLastPInvokeError() is Libc.InterruptedCall or Libc.TryAgain)
            return true;
        if (count <= 0)
        {
            _inputOpen = false;
            return !isTerminal;
        }

        _typedStart = 0;
        _typedEnd = (int)count;
        int escape = isTerminal ? _typed.AsSpan(0, _typedEnd).IndexOf(Escape) : -1;
        if (escape >= 0)
        {
            _typedEnd = escape;
            _detach = true;
        }

        SendTyped();
        return true;
    }

    private void SendTyped()
    {
        if (_typedStart >= _typedEnd)
            return;
        int sent = _guest.Send(_typed.AsSpan(_typedStart, _typedEnd - _typedStart), SocketFlags.None, out SocketError error);
        if (error == SocketError.Success)
            _typedStart += sent;
        else if (error is not (SocketError.WouldBlock or SocketError.Interrupted))
            _typedStart = _typedEnd; // the guest's side is closed; what it still said is read first
    }

    private void Hangup()
    {
        try
        {
            _guest.Shutdown(SocketShutdown.Both);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It ended by itself meanwhile.
        }
    }
}
