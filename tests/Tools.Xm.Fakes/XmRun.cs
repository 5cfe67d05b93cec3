namespace Hospes.Xm.Fakes;

/// <summary>What a command left: exit status, standard output, standard error.</summary>
internal sealed record XmRun(int ExitCode, string Out, string Error);
