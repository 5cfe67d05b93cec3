using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Hospes.Engines.Translator;
using Iced.Intel;

namespace Hospes.Engines.Vector.Tests;

/// <summary>Runs the same instruction on this machine's processor and on the interpreter and tells where they differ.</summary>
internal sealed unsafe class HostComparison : IDisposable
{
    private readonly HostProcessor _host = new();
    private readonly GuestProcessor? _guest;

    internal HostComparison()
    {
        if (_host.IsAvailable)
            _guest = new GuestProcessor(_host.DataAddress);
    }

    /// <summary>False where executable memory is refused.</summary>
    internal bool IsAvailable => _guest is not null;

    /// <summary>Compares <paramref name="runs"/> random cases; the first differences as text, empty when there is none.</summary>
    /// <param name="fill">Changes the random state before it is used.</param>
    /// <param name="flagMask">EFLAGS bits that the instruction defines.</param>
    internal string Compare(Code code, bool memory, int runs, int seed, Fill fill, uint flagMask, out int done)
    {
        var samples = new Samples(seed);
        var report = new StringBuilder();
        int failures = 0;
        done = 0;
        for (int i = 0; i < runs && failures < 4; i++)
        {
            if (Forms.Make(code, memory, samples) is not { } instruction)
                return string.Empty;
            byte[] bytes = _host.Prepare(instruction);
            for (int j = 0; j < 16 && failures < 4; j++)
            {
                ProcessorState before = Random(samples);
                fill(samples, ref before);
                ProcessorState expected = before;
                ProcessorState actual = before;
                _host.Run(ref expected);
                StepResult result = _guest!.Run(ref actual, bytes);
                done++;
                string difference = Difference(expected, actual, flagMask);
                if (result == StepResult.Fault)
                    difference += $" fault {_guest.Cpu.C->FaultVector}";
                if (difference.Length == 0)
                    continue;
                failures++;
                report.AppendLine(CultureInfo.InvariantCulture, $"{instruction} [{Convert.ToHexString(bytes)}]");
                report.AppendLine(Inputs(instruction, before)).AppendLine(difference);
            }
        }

        return report.ToString();
    }

    internal delegate void Fill(Samples samples, ref ProcessorState state);

    public void Dispose()
    {
        _guest?.Dispose();
        _host.Dispose();
    }

    private ProcessorState Random(Samples samples)
    {
        ProcessorState state = default;
        *(ushort*)state.Fx = 0x37f;
        *(uint*)(state.Fx + 24) = 0x1f80;
        state.Fx[4] = 0xff;
        for (int i = 0; i < 8; i++)
        {
            *(ulong*)(state.Fx + 32 + (i * 16)) = samples.Quadword();
            *(ushort*)(state.Fx + 40 + (i * 16)) = (ushort)samples.Bits();
        }

        for (int i = 160; i < 416; i += 8)
            *(ulong*)(state.Fx + i) = samples.Quadword();
        for (int i = 0; i < ProcessorState.MemorySize; i += 8)
            *(ulong*)(state.Memory + i) = samples.Quadword();
        for (int i = 0; i < 16; i++)
            state.Registers[i] = samples.Quadword();
        state.Registers[4] = 0;
        state.Registers[7] = _host.DataAddress;
        state.Registers[15] = 0;
        state.Flags = 0x202 | (samples.Bits() & 0x8d5);
        return state;
    }

    private static string Inputs(in Instruction instruction, in ProcessorState state)
    {
        var text = new StringBuilder();
        fixed (ProcessorState* s = &state)
        {
            text.Append(CultureInfo.InvariantCulture, $"  mxcsr {*(uint*)(s->Fx + 24):x} fcw {*(ushort*)s->Fx:x} fsw {*(ushort*)(s->Fx + 2):x} ftw {s->Fx[4]:x2} flags {s->Flags:x}");
            for (int i = 0; i < instruction.OpCount; i++)
            {
                Register register = instruction.GetOpKind(i) == OpKind.Register ? instruction.GetOpRegister(i) : Register.None;
                string value = register switch
                {
                    >= Register.XMM0 and <= Register.XMM15 => Hex(s->Fx + 160 + ((register - Register.XMM0) * 16), 16),
                    >= Register.MM0 and <= Register.MM7 => Hex(s->Fx + 32 + ((register - Register.MM0) * 16), 8),
                    >= Register.ST0 and <= Register.ST7 => Hex(s->Fx + 32 + ((register - Register.ST0) * 16), 10),
                    Register.None => Hex(s->Memory + ((int)instruction.MemoryDisplacement64 & 0x7f), 16),
                    _ => s->Registers[(int)register.GetFullRegister() - (int)Register.RAX].ToString("x16", CultureInfo.InvariantCulture),
                };
                text.Append(CultureInfo.InvariantCulture, $" {register}={value}");
            }

            text.Append(CultureInfo.InvariantCulture, $" st0={Hex(s->Fx + 32, 10)} st1={Hex(s->Fx + 48, 10)}");
        }

        return text.ToString();
    }

    private static string Difference(in ProcessorState expected, in ProcessorState actual, uint flagMask)
    {
        var text = new StringBuilder();
        fixed (ProcessorState* e = &expected, a = &actual)
        {
            Part(text, "fcw", e->Fx, a->Fx, 2);
            Part(text, "fsw", e->Fx + 2, a->Fx + 2, 2);
            Part(text, "ftw", e->Fx + 4, a->Fx + 4, 1);
            Part(text, "mxcsr", e->Fx + 24, a->Fx + 24, 4);
            for (int i = 0; i < 8; i++)
                Part(text, $"st{i}", e->Fx + 32 + (i * 16), a->Fx + 32 + (i * 16), 10);
            for (int i = 0; i < 16; i++)
                Part(text, $"xmm{i}", e->Fx + 160 + (i * 16), a->Fx + 160 + (i * 16), 16);
            for (int i = 0; i < 15; i++)
            {
                if (i != 4)
                    Part(text, $"r{i}", (byte*)&e->Registers[i], (byte*)&a->Registers[i], 8);
            }

            if (((e->Flags ^ a->Flags) & flagMask) != 0)
                text.Append(CultureInfo.InvariantCulture, $"  flags expected {e->Flags:x} actual {a->Flags:x}");
            for (int i = 0; i < ProcessorState.MemorySize; i += 16)
                Part(text, $"memory+{i}", e->Memory + i, a->Memory + i, 16);
        }

        return text.ToString();
    }

    private static void Part(StringBuilder text, string name, byte* expected, byte* actual, int size)
    {
        if (!new ReadOnlySpan<byte>(expected, size).SequenceEqual(new ReadOnlySpan<byte>(actual, size)))
            text.Append(CultureInfo.InvariantCulture, $"  {name} expected {Hex(expected, size)} actual {Hex(actual, size)}");
    }

    /// <summary>Most significant byte first.</summary>
    private static string Hex(byte* bytes, int size)
    {
        byte[] copy = new ReadOnlySpan<byte>(bytes, size).ToArray();
        Array.Reverse(copy);
        return Convert.ToHexString(copy);
    }
}
