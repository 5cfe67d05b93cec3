namespace Hospes.Engines.Translator.Native;

/// <summary>Moves the guest's arithmetic flags between the host's and the context. A scratch register keeps RAX meanwhile.</summary>
internal sealed unsafe partial class BlockCompiler
{
    /// <summary>Puts the flags into the context too, if they are only in the host's. They stay there.</summary>
    private void SaveFlags()
    {
        if (_flagsInContext)
            return;
        _e.Move(HostRegisters.Address, HostRegisters.Rax);
        _e.Bytes([0x9f, 0x0f, 0x90, 0xc0]); // lahf; seto al
        _e.Byte(0x66);
        _e.RegisterMemory(0x89, HostRegisters.Rax, HostRegisters.Context, ContextOffsets.Flags, wide: false);
        _e.Move(HostRegisters.Rax, HostRegisters.Address);
        _flagsInContext = true;
    }

    /// <summary>Before something that changes the host's flags: keeps those that are still wanted.</summary>
    private void ReleaseFlags(uint wanted)
    {
        if (wanted != 0)
            SaveFlags();
        else
            _flagsInContext = true;
        _flagsInHost = false;
    }

    /// <summary>Makes the host's flags the guest's.</summary>
    private void NeedFlags(int spare = HostRegisters.Scratch)
    {
        if (_flagsInHost)
            return;
        EmitRestoreFlags(spare);
        _flagsInHost = true;
    }

    /// <summary>The same where both scratch registers are taken.</summary>
    private void RestoreFlagsByContext()
    {
        _e.Store(HostRegisters.Context, ContextOffsets.Borrowed(0), HostRegisters.Rax);
        EmitFlagsByRax();
        _e.Load(HostRegisters.Rax, HostRegisters.Context, ContextOffsets.Borrowed(0));
        _flagsInHost = true;
    }

    private void EmitRestoreFlags(int spare = HostRegisters.Scratch)
    {
        if (spare == HostRegisters.Scratch)
            _scratchGroup = -1;
        _e.Move(spare, HostRegisters.Rax);
        EmitFlagsByRax();
        _e.Move(HostRegisters.Rax, spare);
    }

    private void EmitFlagsByRax()
    {
        _e.Byte(0x0f);
        _e.RegisterMemory(0xb7, HostRegisters.Rax, HostRegisters.Context, ContextOffsets.Flags, wide: false);
        _e.Bytes([0x04, 0x7f, 0x9e]); // add al, 7fh: overflows for 1; sahf
    }

    /// <summary>After an instruction that gave flags a new value.</summary>
    private void FlagsWritten(uint written, uint liveAfter)
    {
        if (written == 0)
            return;
        _flagsInHost = liveAfter != 0;
        _flagsInContext = liveAfter == 0;
    }
}
