using Hospes.Hypervisor.Domains;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>console_io(cmd, count, buffer): write 0 puts text into the hypervisor's log; read 1 is for domain 0.</summary>
internal sealed class ConsoleIoCalls(Domain domain) : IHypercall
{
    private const int LongestWrite = 4096;

    public long Call(GuestCaller caller, in HypercallFrame frame)
    {
        switch ((uint)frame.Argument1)
        {
            case 0:
                int count = (int)Math.Min((uint)frame.Argument2, LongestWrite);
                Span<byte> chunk = stackalloc byte[256];
                for (int done = 0; done < count; done += chunk.Length)
                {
                    Span<byte> part = chunk[..Math.Min(chunk.Length, count - done)];
                    if (!caller.TryRead(frame.Argument3 + (ulong)done, part))
                        return Errno.BadAddress;
                    domain.Log.Append(part);
                }

                return 0;
            case 1:
                return Errno.NotPermitted;
            default:
                return Errno.NotImplemented;
        }
    }
}
