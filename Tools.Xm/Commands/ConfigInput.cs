using Hospes.Sxp;
using Hospes.Xm.Cli;
using Hospes.Xm.Configuration;

namespace Hospes.Xm.Commands;

/// <summary>How <c>create</c> and <c>new</c> come from a command line to a form (fact sheet "xm", section 3).</summary>
internal static class ConfigInput
{
    private const string DefaultConfig = "xmdefconfig";

    /// <summary>The switches that say where the configuration is.</summary>
    public static readonly IReadOnlyList<OptionSpec> Options =
    [
        new('h', "help", "Show this help"),
        new('\0', "help_config", "Show the variables of configurations, and those of this one"),
        new('q', "quiet", "Do not say which file is used"),
        new('\0', "path", "Directories to look for configuration files in; .:/etc/xen if not given", "PATH"),
        new('f', "defconfig", "Use this Python configuration; xmdefconfig if none is named", "FILE"),
        new('F', "config", "Use this SXP configuration", "FILE"),
        new('n', "dryrun", "Show the resulting configuration in SXP and do nothing with it"),
        new('x', "xmldryrun", "Show the resulting configuration in XML and do nothing with it"),
        new('s', "skipdtd", "Accepted for old scripts: nothing is checked against a DTD"),
    ];

    /// <summary>Reads the configuration and hands its form on, unless it is only to be shown.</summary>
    /// <returns>The exit status.</returns>
    public static int Run(CommandLine line, XmSession session, Func<SxpList, int> use)
    {
        try
        {
            CommandLineSettings settings = new();
            List<string> files = [.. line.Arguments.Where(word => !settings.TryAdd(word))];
            if (files.Count > 1)
                throw new UsageException($"One configuration file is enough: '{files[1]}' is neither an option nor name=value.");
            string? file = files.FirstOrDefault() ?? line.ValueOf("defconfig");
            if (line.Has("help_config"))
                return ShowVariables(line, session, file, settings);

            SxpList form = line.ValueOf("config") is { } sxp ? ReadForm(session, sxp) : BuildForm(line, session, file ?? DefaultConfig, settings);
            if (!line.Has("dryrun") && !line.Has("xmldryrun"))
                return use(form);
            session.Out.Write(line.Has("xmldryrun") ? XmlForm.Write(form) : SxpPrinter.Pretty(form));
            return 0;
        }
        catch (ConfigException wrong)
        {
            throw new CommandFailedException(wrong.Message, wrong);
        }
    }

    private static SxpList ReadForm(XmSession session, string file)
    {
        ConfigSource source = new ConfigLocator(session.Environment.WorkingDirectory).Read(file);
        try
        {
            return SxpParser.ParseForm(source.Text);
        }
        catch (SxpSyntaxException error)
        {
            throw source.ErrorAt(error.Line, error.Column, error.Problem);
        }
    }

    private static SxpList BuildForm(CommandLine line, XmSession session, string file, CommandLineSettings commandLine)
    {
        XmEnvironment environment = session.Environment;
        ConfigSource source = Find(line, session, file);
        if (!line.Has("quiet"))
            session.Out.Write($"Using config file \"{source.Path}\".\n");
        ConfigDocument document = Loader(environment).Load(source, commandLine);
        session.Out.Write(document.Output);
        ConfigSettings settings = ConfigSettings.Resolve(document, commandLine, source.Path);
        settings.SetDefault("name", new TextValue(Path.GetFileName(source.Path)));
        DomainForm form = new(settings, environment.WorkingDirectory, environment.Variable);
        SxpList built = form.Build(attachesConsole: line.Has("console_autoconnect"));
        foreach (string warning in form.Warnings)
            session.Error.Write($"Warning: {warning}\n");
        return built;
    }

    private static ConfigSource Find(CommandLine line, XmSession session, string file) =>
        new ConfigLocator(session.Environment.WorkingDirectory)
            .Find(file, line.ValueOf("path") ?? ".:" + Path.Combine(session.Root, "etc/xen"));

    private static ConfigLoader Loader(XmEnvironment environment)
    {
        string? python = PythonConfigEvaluator.FindInterpreter(environment.Variable);
        return new ConfigLoader(new PythonConfigEvaluator(python, environment.ConfigTimeLimit), python is not null);
    }

    private static int ShowVariables(CommandLine line, XmSession session, string? file, CommandLineSettings settings)
    {
        session.Out.Write("Configuration variables:\n\n");
        foreach (ConfigVariable variable in ConfigVariables.All)
        {
            session.Out.Write($"{variable.Name}={variable.Values}\n");
            foreach (string text in TextWrap.Lines(variable.Help, 60))
                session.Out.Write($"{"",20}{text}\n");
        }

        if (file is null)
            return 0;
        ConfigDocument document = Loader(session.Environment).Load(Find(line, session, file), settings, helpOnly: true);
        if (document.Output.Length > 0)
            session.Out.Write("\n" + document.Output);
        return 0;
    }
}
