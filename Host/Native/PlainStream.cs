using System.Runtime.InteropServices;

namespace Hospes.Host.Native;

/// <summary>
/// Writes to a descriptor as write(2) does: at the place where the descriptor stands, which it shares with whoever else has it. A file stream keeps a place
/// of its own, and so writes over what others have written to the file that both were redirected to.
/// </summary>
internal sealed unsafe class PlainStream(int descriptor) : Stream
{
    private const short PollOut = 4;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
        // Nothing is kept here.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <exception cref="IOException">Nobody reads it any more, or the medium is full.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint written;
            fixed (byte* bytes = buffer)
                written = Libc.Write(descriptor, bytes, (nuint)buffer.Length);
            if (written >= 0)
                buffer = buffer[(int)written..];
            else if (Marshal.GetLastPInvokeError() is not Libc.Eintr and var error)
                WaitOrThrow(error);
        }
    }

    // Somebody else may have told a shared terminal or pipe not to block.
    private void WaitOrThrow(int error)
    {
        if (error != Libc.Eagain)
            throw new IOException($"cannot write: {Marshal.GetPInvokeErrorMessage(error)}");
        PollEntry entry = new() { Descriptor = descriptor, Wanted = PollOut };
        Libc.Poll(&entry, 1, -1);
    }
}
