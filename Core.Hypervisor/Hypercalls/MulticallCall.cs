using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>multicall(list, count): entries of eight words: number, result, six arguments. The result of each is written back into its entry.</summary>
internal sealed class MulticallCall(HypercallTable table) : IHypercall
{
    private const uint Multicall = 13;

    public long Call(GuestCaller caller, in HypercallFrame frame)
    {
        bool is64Bit = caller.Is64Bit;
        int word = is64Bit ? 8 : 4;
        ulong list = frame.Argument1;
        uint count = (uint)frame.Argument2;
        Span<byte> entry = stackalloc byte[8 * 8];
        entry = entry[..(8 * word)];
        for (uint index = 0; index < count; index++)
        {
            ulong at = list + (index * (ulong)(8 * word));
            if (!caller.TryRead(at, entry))
                return Errno.BadAddress;
            HypercallFrame inner = new()
            {
                Number = Wire.Word(entry, 0, is64Bit),
                Argument1 = Wire.Word(entry, 2 * word, is64Bit),
                Argument2 = Wire.Word(entry, 3 * word, is64Bit),
                Argument3 = Wire.Word(entry, 4 * word, is64Bit),
                Argument4 = Wire.Word(entry, 5 * word, is64Bit),
                Argument5 = Wire.Word(entry, 6 * word, is64Bit),
                Argument6 = Wire.Word(entry, 7 * word, is64Bit),
                Is64Bit = is64Bit,
            };

            // A multicall within a multicall could nest without end.
            long result = !caller.TakeWork() ? Errno.TooBig
                : (uint)inner.Number == Multicall ? Errno.Invalid
                : table.Call(caller, inner);
            Wire.Word(entry, word, is64Bit, (ulong)result);
            if (!caller.TryWrite(at + (ulong)word, entry.Slice(word, word)))
                return Errno.BadAddress;
            if (result == Errno.TooBig && caller.Work == 0)
                return Errno.TooBig;
        }

        return 0;
    }
}
