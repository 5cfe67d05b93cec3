namespace Hospes.Host.Verbs;

/// <summary><c>help</c>: what this program can do.</summary>
internal static class HelpVerb
{
    private const string Text = """
        Usage: hospes-host VERB [OPTIONS]

          daemon [--root DIR] [--plugins FILE] [--verbose] [sched=NAME]
                     run the appliance in the foreground until SIGTERM; domains run on after it
          xend start|stop|restart|reload|status [--root DIR] [--plugins FILE] [--netns NAME] [--destroy-domains] [sched=NAME]
                     run the appliance in the background; with --destroy-domains, stop and restart end all domains too;
                     with --netns, in a network namespace of that name, made if there is none and removed by stop
          status [--root DIR] [--json]
                     say how the appliance is: process, time up, engine, scheduler, memory, guests, plugins
          config [set NAME VALUE] [--root DIR]
                     show what xend-config.sxp says, or change one parameter of it; comments stay
          scheduler [set NAME] [--root DIR]
                     say which scheduler is in charge, or put another in charge of the guests that run
          perf [DOMAIN] [--interval SECONDS] [--json] [--root DIR]
                     show what the engine that runs a guest, or each guest, does: totals, and rates over that time (1 s)
          plugins [--root DIR] [--plugins FILE] [--json]
                     load all plugins, say what was found and what is wrong
          image create [--format F] [--parent FILE [--parent-format F]] [--cluster BYTES] [--preallocate] FILE [SIZE]
          image info FILE | check [--repair] FILE | resize FILE [+]SIZE | convert --to F [--format F] FILE NEW
                     make, examine and change disk images
          domain --directory DIR
                     be the process of one domain (started by the daemon)
          man DIR    write the manual page xend-config.sxp(5)
          files DIR [--host PROGRAM] [--xm PROGRAM]
                     write systemd units, SysV scripts and example configurations below DIR
          version    print the version
          help       print this

        State lies under --root, or the environment's HOSPES_ROOT, or /; plugins are named in --plugins, or HOSPES_PLUGINS, or
        the plugins.json beside this program.
        """;

    public static int Run()
    {
        Console.WriteLine(Text);
        return 0;
    }
}
