namespace Hospes.Xm.Cli;

/// <summary>The groups of the long help, in its order (fact sheet "xm", section 1.1).</summary>
internal enum CommandGroup
{
    Domain,
    Host,
    Scheduler,
    Device,
    Vnet,
    Security,
    Tool,
}
