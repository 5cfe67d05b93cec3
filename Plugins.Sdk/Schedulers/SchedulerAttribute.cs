using Hospes.Sdk.Composition;

namespace Hospes.Sdk.Schedulers;

/// <summary>Exports an <see cref="IScheduler"/> under the name that <c>sched=</c> chooses.</summary>
public sealed class SchedulerAttribute(string name) : PluginExportAttribute(typeof(IScheduler), name);
