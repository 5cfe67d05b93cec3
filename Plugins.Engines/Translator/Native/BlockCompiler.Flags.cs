namespace Hospes.Engines.Translator.Native;

/// <summary>Moves the guest's arithmetic flags between the host's and the context. The scratch register keeps RAX meanwhile.</summary>
internal sealed unsafe partial class BlockCompiler
{
    /// <summary>Puts the flags into the context too, if they are only in the host's. They stay there.</summary>
    private void SaveFlags()
    {
        if (_flagsInContext)
            return;
        _e.Move(HostRegisters.Scratch, HostRegisters.Rax);
        _e.Bytes([0x9f, 0x0f, 0x90, 0xc0]); // lahf; seto al
        _e.Byte(0x66);
        _e.RegisterMemory(0x89, HostRegisters.Rax, HostRegisters.Context, ContextOffsets.Flags, wide: false);
        _e.Move(HostRegisters.Rax, HostRegisters.Scratch);
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
    private void NeedFlags()
    {
        if (_flagsInHost)
            return;
        EmitRestoreFlags();
        _flagsInHost = true;
    }

    private void EmitRestoreFlags()
    {
        _e.Move(HostRegisters.Scratch, HostRegisters.Rax);
        _e.Byte(0x0f);
        _e.RegisterMemory(0xb7, HostRegisters.Rax, HostRegisters.Context, ContextOffsets.Flags, wide: false);
        _e.Bytes([0x04, 0x7f, 0x9e]); // add al, 7fh: overflows for 1; sahf
        _e.Move(HostRegisters.Rax, HostRegisters.Scratch);
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
