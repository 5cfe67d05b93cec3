using System.Runtime.InteropServices;
using System.Text;
using Hospes.Xm.Terminal;

namespace Hospes.Xm;

/// <summary>The process: descriptors, signals and the environment, tied to <see cref="XmApplication"/>.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        // Not System.Console: it loads terminal descriptions and changes modes, and takes a quarter of xm's time to start.
        using TextWriter output = Writer(1);
        using TextWriter error = Writer(2);
        Interrupts interrupts = new();
        using PosixSignalRegistration interrupt = Register(PosixSignal.SIGINT, Interrupts.Interrupt, interrupts, output);
        using PosixSignalRegistration terminate = Register(PosixSignal.SIGTERM, Interrupts.Terminate, interrupts, output);
        using PosixSignalRegistration hangup = Register(PosixSignal.SIGHUP, Interrupts.Hangup, interrupts, output);
        XmEnvironment environment = new()
        {
            Out = output,
            Error = error,
            Variable = Environment.GetEnvironmentVariable,
            WorkingDirectory = Environment.CurrentDirectory,
            IsRoot = Libc.EffectiveUser() == 0,
            Interrupts = interrupts,
        };
        return XmApplication.Run(environment, arguments);
    }

    private static TextWriter Writer(int fd) =>
        TextWriter.Synchronized(new StreamWriter(new FdStream(fd), new UTF8Encoding(false), 4096) { AutoFlush = true });

    /// <summary>A signal that no command wants ends the program: Ctrl-C in Xen's way, the others in the system's.</summary>
    private static PosixSignalRegistration Register(PosixSignal signal, int number, Interrupts interrupts, TextWriter output) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = interrupts.Raise(number);
            if (context.Cancel || number != Interrupts.Interrupt)
                return;
            context.Cancel = true;
            output.Write("Interrupted.\n");
            Environment.Exit(0);
        });
}
