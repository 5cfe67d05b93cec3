namespace Hospes.Sdk.Schedulers;

/// <summary>A scheduler refuses parameters. The message is for the person who gave them: which, and what is allowed.</summary>
public sealed class SchedulerParameterException(string message) : Exception(message);
