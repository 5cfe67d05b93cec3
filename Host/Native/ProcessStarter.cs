using System.Collections;
using System.Runtime.InteropServices;

namespace Hospes.Host.Native;

/// <summary>
/// Starts processes by posix_spawn(3) rather than by the framework's class, which can neither make a session nor send output to a file, and whose
/// children die with a terminal's Ctrl-C.
/// </summary>
internal static unsafe class ProcessStarter
{
    private const int FirstInherited = 3;
    private const int HighDescriptor = 200; // descriptors are first moved here so that none is overwritten before it is used

    /// <exception cref="IOException">The process cannot be started; the message names the executable and why.</exception>
    public static ProcessHandle Start(ProcessStart start)
    {
        // Sizes of the C library's opaque types on x86-64: 80 and 336 bytes; signal sets 128.
        byte* actions = stackalloc byte[512];
        byte* attributes = stackalloc byte[512];
        byte* noSignals = stackalloc byte[128];
        byte* allSignals = stackalloc byte[128];
        new Span<byte>(noSignals, 128).Clear();
        new Span<byte>(allSignals, 128).Fill(0xff);
        byte** arguments = Vector(start.Arguments);
        byte** environment = Vector([.. Environment(start.Environment)]);
        Libc.SpawnFileActionsInit(actions);
        Libc.SpawnAttributesInit(attributes);
        try
        {
            Check(Libc.SpawnFileActionsOpen(actions, 0, "/dev/null", 0, 0));
            Check(Libc.SpawnFileActionsOpen(actions, 1, start.OutputPath, Libc.OpenWriteOnly | Libc.OpenCreate | Libc.OpenAppend, Libc.LogFileMode));
            Check(Libc.SpawnFileActionsDup(actions, 1, 2));
            for (int index = 0; index < start.Inherited.Count; index++)
                Check(Libc.SpawnFileActionsDup(actions, start.Inherited[index], HighDescriptor + index));
            for (int index = 0; index < start.Inherited.Count; index++)
                Check(Libc.SpawnFileActionsDup(actions, HighDescriptor + index, FirstInherited + index));
            Check(Libc.SpawnFileActionsCloseFrom(actions, FirstInherited + start.Inherited.Count));
            Check(Libc.SpawnAttributesSetSignalMask(attributes, noSignals));
            Check(Libc.SpawnAttributesSetSignalDefault(attributes, allSignals));
            Check(Libc.SpawnAttributesSetFlags(attributes, Libc.SpawnSetSession | Libc.SpawnSetSignalMask | Libc.SpawnSetSignalDefault));
            int pid;
            Check(Libc.PosixSpawn(&pid, start.Path, actions, attributes, arguments, environment));
            return ProcessHandle.TryOpen(pid) ?? throw Libc.Failure($"cannot watch process {pid}");
        }
        finally
        {
            Libc.SpawnFileActionsDestroy(actions);
            Libc.SpawnAttributesDestroy(attributes);
            Free(arguments);
            Free(environment);
        }

        void Check(int error)
        {
            if (error != 0)
                throw Libc.Failure($"cannot start {start.Path} with its output in {start.OutputPath}", error);
        }
    }

    private static IEnumerable<string> Environment(IReadOnlyDictionary<string, string?> changes)
    {
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
        {
            if (!changes.ContainsKey((string)entry.Key))
                yield return $"{entry.Key}={entry.Value}";
        }

        foreach ((string key, string? value) in changes)
        {
            if (value is not null)
                yield return $"{key}={value}";
        }
    }

    private static byte** Vector(IReadOnlyList<string> texts)
    {
        byte** vector = (byte**)NativeMemory.Alloc((nuint)(texts.Count + 1), (nuint)sizeof(byte*));
        for (int index = 0; index < texts.Count; index++)
            vector[index] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[index]);
        vector[texts.Count] = null;
        return vector;
    }

    private static void Free(byte** vector)
    {
        for (byte** at = vector; *at != null; at++)
            Marshal.FreeCoTaskMem((nint)(*at));
        NativeMemory.Free(vector);
    }
}
