using System.Runtime.InteropServices;

namespace Hospes.Xm.Terminal;

/// <summary>
/// Writes to a descriptor with write(2) and nothing else. FileStream keeps an offset of its own for regular files, which
/// would let the commands of <c>(xm list; xm info) &gt; file</c> overwrite each other; Console starts a terminal driver.
/// </summary>
internal sealed unsafe class FdStream(int fd) : Stream
{
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
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* data = buffer) // pinned for the time of the calls
        {
            for (int done = 0; done < buffer.Length;)
            {
                nint count = Libc.Write(fd, data + done, (nuint)(buffer.Length - done));
                if (count >= 0)
                    done += (int)count;
                else
                    Recover(Marshal.GetLastPInvokeError());
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Recover(int error)
    {
        if (error == Libc.TryAgain)
        {
            PollRequest request = new() { Fd = fd, Events = Libc.PollOut };
            _ = Libc.Poll(&request, 1, -1);
        }
        else if (error != Libc.InterruptedCall)
        {
            throw new OutputClosedException(error);
        }
    }
}
