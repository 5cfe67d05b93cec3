using System.Diagnostics;

namespace Hospes.Xm.Api.Servers;

/// <summary>What a process reads and writes, as one stream. Owns the process: disposing closes its input, by which it ends.</summary>
internal sealed class ProcessStream(Process process) : Stream
{
    private readonly Stream _input = process.StandardInput.BaseStream;
    private readonly Stream _output = process.StandardOutput.BaseStream;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => _output.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => _output.Read(buffer);

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _input.Write(buffer);
        _input.Flush();
    }

    public override void Flush() => _input.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _input.Dispose();
        _output.Dispose();
        process.WaitForExit();
        process.Dispose();
    }
}
