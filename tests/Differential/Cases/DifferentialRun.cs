using Hospes.Differential.Machines;
using Hospes.Engines.Translator;
using Iced.Intel;

namespace Hospes.Differential.Cases;

/// <summary>
/// Executes random experiments on the host, by the engine's handler, by the engine's loop and as emitted code, and compares. The handler runs first: what it does with
/// an experiment cannot depend on the host.
/// </summary>
internal sealed unsafe class DifferentialRun : IDisposable
{
    private readonly TestRegion _region = new();
    private readonly HostCpu _host;
    private readonly GuestCpu _guest;
    private readonly GuestCpu _compiling;
    private readonly TestCase _case;
    private readonly CaseGenerator _generator;
    private readonly byte[] _initial = new byte[TestCase.MemoryLength];
    private readonly byte[] _hostMemory = new byte[TestCase.MemoryLength];
    private readonly byte[] _guestMemory = new byte[TestCase.MemoryLength];
    private readonly byte[] _blockMemory = new byte[TestCase.MemoryLength];
    private readonly byte[] _compiledMemory = new byte[TestCase.MemoryLength];

    internal DifferentialRun(ulong seed)
    {
        _host = new HostCpu(_region);
        _guest = new GuestCpu(_region, new TranslatorOptions { CompileAfter = int.MaxValue });
        _compiling = new GuestCpu(_region, new TranslatorOptions { CompileAfter = 0, CodeBytes = 1 << 20 });
        _case = new TestCase(_region);
        _generator = new CaseGenerator(_region, new TestRandom(seed), _case);
        Report = new RunReport(seed);
    }

    internal RunReport Report { get; }

    /// <summary>Runs <paramref name="cases"/> experiments with every form that the filter takes and a handler exists for.</summary>
    internal void RunForms(Func<Code, bool> filter, int cases)
    {
        foreach (Code code in ComparableForms(filter))
        {
            Report.CountForm();
            for (int i = 0; i < cases; i++)
            {
                if (!RunOne(code))
                {
                    Report.Skip("operands that the generator does not know: " + code.ToOpCode().ToInstructionString());
                    break;
                }
            }
        }
    }

    /// <summary>The forms that can be compared; the others are counted as skipped.</summary>
    internal List<Code> ComparableForms(Func<Code, bool> filter)
    {
        var forms = new List<Code>();
        foreach (Code code in Enum.GetValues<Code>())
        {
            if (!GuestCpu.Handles(code) || !filter(code))
                continue;
            if (Exclusions.ReasonFor(code) is string reason)
                Report.Skip(reason);
            else
                forms.Add(code);
        }

        return forms;
    }

    /// <summary>One experiment. False: the form has operands that the generator doesn't know.</summary>
    internal bool RunOne(Code code)
    {
        if (!_generator.TryGenerate(code))
            return false;
        if (Undefined.Everything(_case.Instruction, _case.State))
            return true;
        MachineState handler = default;
        MachineState block = default;
        MachineState compiled = default;
        _case.SaveMemory(_initial);
        fixed (MachineState* state = &_case.State)
        {
            _guest.RunHandler(_case.Bytes, state, &handler);
            _case.SaveMemory(_guestMemory);
            _case.RestoreMemory(_initial);
            _guest.RunBlock(_case.Bytes, state, &block);
            _case.SaveMemory(_blockMemory);
            _case.RestoreMemory(_initial);
            _compiling.RunBlock(_case.Bytes, state, &compiled);
            _case.SaveMemory(_compiledMemory);
            _case.RestoreMemory(_initial);
            *_host.Input = *state;
            _host.Run(_case.Bytes);
            _case.SaveMemory(_hostMemory);
        }

        MachineState* host = _host.Output;
        Report.CountCase(host->Vector != MachineState.NoFault);
        if (Comparison.Describe(_case, host, _hostMemory, &handler, _guestMemory, anyFault: false) is string difference)
            Report.Difference(code, $"handler: {_case.Instruction} [{Convert.ToHexString(_case.Bytes)}]{difference} from {Inputs()}");
        else if (Comparison.Describe(_case, host, _hostMemory, &block, _blockMemory, anyFault: true) is string blockDifference)
            Report.Difference(code, $"block: {_case.Instruction} [{Convert.ToHexString(_case.Bytes)}]{blockDifference} from {Inputs()}");
        else if (Comparison.Describe(_case, host, _hostMemory, &compiled, _compiledMemory, anyFault: true) is string compiledDifference)
            Report.Difference(code, $"compiled: {_case.Instruction} [{Convert.ToHexString(_case.Bytes)}]{compiledDifference} from {Inputs()}");
        return true;
    }

    /// <summary>
    /// One block of several instructions, which the loop may fuse, reorder in its accounts of flags, or leave in the middle: only the outcome counts.
    /// Answers how many instructions it has.
    /// </summary>
    internal int RunSequence(List<Code> forms, TestRandom random)
    {
        _generator.StartSequence();
        var text = new List<string>();
        int wanted = random.Next(2, 9);
        for (int attempt = 0; attempt < 40 && text.Count < wanted; attempt++)
        {
            if (_generator.TryAppend(random.Pick<Code>(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(forms))))
                text.Add(_case.Instruction.ToString());
        }

        MachineState block = default;
        MachineState compiled = default;
        _case.SaveMemory(_initial);
        fixed (MachineState* state = &_case.State)
        {
            _guest.RunBlock(_case.Bytes, state, &block);
            _case.SaveMemory(_blockMemory);
            _case.RestoreMemory(_initial);
            _compiling.RunBlock(_case.Bytes, state, &compiled);
            _case.SaveMemory(_compiledMemory);
            _case.RestoreMemory(_initial);
            *_host.Input = *state;
            _host.Run(_case.Bytes);
            _case.SaveMemory(_hostMemory);
        }

        MachineState* host = _host.Output;
        Report.CountCase(host->Vector != MachineState.NoFault);
        if (Comparison.Describe(_case, host, _hostMemory, &block, _blockMemory, anyFault: true, undefinedFlags: 0x10) is string difference)
            Report.Difference(_case.Instruction.Code, $"sequence: {string.Join("; ", text)} [{Convert.ToHexString(_case.Bytes)}]{difference} from {Inputs()}");
        else if (Comparison.Describe(_case, host, _hostMemory, &compiled, _compiledMemory, anyFault: true, undefinedFlags: FlagsUnknown(host)) is string compiledDifference)
            Report.Difference(_case.Instruction.Code, $"compiled sequence: {string.Join("; ", text)} [{Convert.ToHexString(_case.Bytes)}]{compiledDifference} from {Inputs()}");
        return text.Count;
    }

    // Emitted code keeps the flags that somebody can still read: at a fault in the middle those that are about to be overwritten are not known.
    private static ulong FlagsUnknown(MachineState* host) => host->Vector == MachineState.NoFault ? 0x10UL : 0x8d5;

    /// <summary>Blocks that were compiled and run as host code.</summary>
    internal long Compiled => _compiling.Compiled;

    public void Dispose()
    {
        _compiling.Dispose();
        _guest.Dispose();
        _host.Dispose();
        _region.Dispose();
    }

    private string Inputs()
    {
        ref MachineState state = ref _case.State;
        string text = $"flags={state.Flags:x}";
        for (int i = 0; i < 16; i++)
            text += $" {(Register.RAX + i).ToString().ToLowerInvariant()}={state.Registers[i]:x}";
        fixed (byte* extended = state.Extended)
        {
            foreach (Register register in new[] { _case.Instruction.Op0Register, _case.Instruction.Op1Register })
            {
                int number = register - Register.XMM0;
                if (number is >= 0 and < 16)
                    text += $" xmm{number}={*(ulong*)(extended + 168 + (number * 16)):x16}{*(ulong*)(extended + 160 + (number * 16)):x16}";
            }

            return $"{text} mxcsr={*(uint*)(extended + 24):x} fcw={*(ushort*)extended:x} fsw={*(ushort*)(extended + 2):x} ftw={extended[4]:x}";
        }
    }
}
