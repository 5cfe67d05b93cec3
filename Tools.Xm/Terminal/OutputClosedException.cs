using System.Runtime.InteropServices;

namespace Hospes.Xm.Terminal;

/// <summary>Nobody reads what is written any more, as in <c>xm list | head -1</c>, or the disk it goes to is full.</summary>
internal sealed class OutputClosedException(int error) : IOException($"Cannot write the output: {Marshal.GetPInvokeErrorMessage(error)}")
{
    public bool IsBrokenPipe { get; } = error == Libc.BrokenPipe;
}
