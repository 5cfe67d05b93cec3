namespace Hospes.Xm.Configuration;

/// <summary>Reads a configuration file: plainly if it is plain, else with Python.</summary>
internal sealed class ConfigLoader(PythonConfigEvaluator python, bool hasPython)
{
    /// <exception cref="ConfigException">The file is wrong.</exception>
    public ConfigDocument Load(ConfigSource source, CommandLineSettings settings, bool helpOnly = false)
    {
        if (source.Text.StartsWith('<'))
            throw new ConfigException($"{source.Path} is an XML configuration, which cannot be read: use a Python or SXP configuration.");
        Dictionary<string, string> variables = settings.ForScripts();
        try
        {
            return PlainConfigParser.Parse(source.Text, variables);
        }
        catch (NotPlainException stop)
        {
            return hasPython
                ? python.Evaluate(source, variables, helpOnly)
                : throw source.ErrorAt(stop.Line, stop.Column, $"{stop.Message} (or, if this is a Python script, python3 to run it: install the package python3)");
        }
    }
}
