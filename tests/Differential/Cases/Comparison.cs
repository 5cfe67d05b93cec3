using System.Text;
using Hospes.Differential.Machines;
using Iced.Intel;

namespace Hospes.Differential.Cases;

/// <summary>Says how a guest's outcome differs from the host's.</summary>
internal static unsafe class Comparison
{
    private const ulong ErrorWriteAndUser = 6;

    /// <summary>One instruction. Null: no difference. With <paramref name="anyFault"/> only that there was an exception is compared, not which.</summary>
    internal static string? Describe(TestCase test, MachineState* host, byte[] hostMemory, MachineState* guest, byte[] guestMemory, bool anyFault)
    {
        ulong undefined = host->Vector != MachineState.NoFault ? Undefined.FlagsAfterFault(test.Instruction) : Undefined.Flags(test.Instruction, test.State);
        return Describe(test, host, hostMemory, guest, guestMemory, anyFault, undefined);
    }

    /// <summary>The same, told which flags are undefined.</summary>
    internal static string? Describe(
        TestCase test, MachineState* host, byte[] hostMemory, MachineState* guest, byte[] guestMemory, bool anyFault, ulong undefinedFlags)
    {
        var text = new StringBuilder();
        if (anyFault && host->Vector != MachineState.NoFault && guest->Vector != MachineState.NoFault)
        {
            // The vector is not known on this way.
        }
        else if (host->Vector != guest->Vector)
        {
            Append(text, "exception", host->Vector, guest->Vector);
        }
        else if (host->Vector == 14)
        {
            if (((host->Error ^ guest->Error) & ErrorWriteAndUser) != 0)
                Append(text, "error code", host->Error, guest->Error);
            if (host->FaultAddress != guest->FaultAddress && !Undefined.FaultAddress(test.Instruction))
                Append(text, "cr2", host->FaultAddress, guest->FaultAddress);
        }

        bool faulted = host->Vector != MachineState.NoFault;
        if (host->Rip != guest->Rip)
            Append(text, "rip", host->Rip, guest->Rip);
        for (int i = 0; i < 16; i++)
        {
            if (host->Registers[i] != guest->Registers[i])
                Append(text, (Register.RAX + i).ToString().ToLowerInvariant(), host->Registers[i], guest->Registers[i]);
        }

        ulong flagMask = (0xcd5 | (faulted ? 0 : 0x20_4000UL)) & ~undefinedFlags;
        if (((host->Flags ^ guest->Flags) & flagMask) != 0)
            Append(text, "flags", host->Flags & flagMask, guest->Flags & flagMask);
        CompareExtended(text, test.Instruction, host->Extended, guest->Extended, faulted);
        for (int i = 0; i < TestCase.MemoryLength; i++)
        {
            if (hostMemory[i] != guestMemory[i])
            {
                Append(text, $"byte at {test.AddressOf(i):x}", hostMemory[i], guestMemory[i]);
                if (text.Length > 600)
                    break;
            }
        }

        return text.Length == 0 ? null : text.ToString();
    }

    /// <summary>The parts of the FXSAVE image that an instruction works on; not instruction and data pointers, which vendors keep differently.</summary>
    private static void CompareExtended(StringBuilder text, in Instruction instruction, byte* host, byte* guest, bool faulted)
    {
        if (!faulted || !Undefined.FpuAfterFault(instruction))
            CompareX87(text, instruction, host, guest, faulted);
        if (*(uint*)(host + 24) != *(uint*)(guest + 24))
            Append(text, "mxcsr", *(uint*)(host + 24), *(uint*)(guest + 24));
        for (int i = 0; i < 16; i++)
        {
            ulong* left = (ulong*)(host + 160 + (i * 16));
            ulong* right = (ulong*)(guest + 160 + (i * 16));
            if (left[0] != right[0] || left[1] != right[1])
                text.Append($" xmm{i}: host {left[1]:x16}{left[0]:x16} guest {right[1]:x16}{right[0]:x16};");
        }
    }

    private static void CompareX87(StringBuilder text, in Instruction instruction, byte* host, byte* guest, bool faulted)
    {
        if (*(ushort*)host != *(ushort*)guest)
            Append(text, "fcw", *(ushort*)host, *(ushort*)guest);
        uint statusMask = 0xffff & ~(faulted ? 0 : Undefined.Status(instruction));
        if (((*(ushort*)(host + 2) ^ *(ushort*)(guest + 2)) & statusMask) != 0)
            Append(text, "fsw", *(ushort*)(host + 2) & statusMask, *(ushort*)(guest + 2) & statusMask);
        if (host[4] != guest[4])
            Append(text, "ftw", host[4], guest[4]);
        int top = (*(ushort*)(host + 2) >> 11) & 7;
        for (int i = 0; i < 8; i++)
        {
            if ((host[4] & (1 << ((top + i) & 7))) == 0)
                continue; // an empty register's bits are nobody's
            byte* left = host + 32 + (i * 16);
            byte* right = guest + 32 + (i * 16);
            if (*(ulong*)left != *(ulong*)right || *(ushort*)(left + 8) != *(ushort*)(right + 8))
                text.Append($" st{i}/mm: host {*(ushort*)(left + 8):x4}:{*(ulong*)left:x16} guest {*(ushort*)(right + 8):x4}:{*(ulong*)right:x16};");
        }
    }

    private static void Append(StringBuilder text, string what, ulong host, ulong guest) => text.Append($" {what}: host {host:x} guest {guest:x};");
}
