using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>
/// Enters one sized handler for the forms of an instruction. The decoder numbers the 16-, 32- and 64-bit forms of one encoding consecutively, so the
/// first names all three.
/// </summary>
internal static unsafe class Forms
{
    /// <summary>8-bit forms.</summary>
    internal static void Bytes<THandler>(HandlerTable table, params ReadOnlySpan<Code> forms)
        where THandler : struct, ISizedHandler
    {
        foreach (Code form in forms)
            table.Set(form, &THandler.Run<byte>);
    }

    /// <summary>16-, 32- and 64-bit forms, each group given by its 16-bit one.</summary>
    internal static void Words<THandler>(HandlerTable table, params ReadOnlySpan<Code> wordForms)
        where THandler : struct, ISizedHandler
    {
        foreach (Code form in wordForms)
        {
            table.Set(form, &THandler.Run<ushort>);
            table.Set(form + 1, &THandler.Run<uint>);
            table.Set(form + 2, &THandler.Run<ulong>);
        }
    }

    /// <summary>16- and 32-bit forms of what 64-bit code lacks, each pair given by its 16-bit form.</summary>
    internal static void LegacyWords<THandler>(HandlerTable table, params ReadOnlySpan<Code> wordForms)
        where THandler : struct, ISizedHandler
    {
        foreach (Code form in wordForms)
        {
            table.Set(form, &THandler.Run<ushort>);
            table.Set(form + 1, &THandler.Run<uint>);
        }
    }

    /// <summary>32- and 64-bit forms, each pair given by its 32-bit form.</summary>
    internal static void Doubles<THandler>(HandlerTable table, params ReadOnlySpan<Code> doubleForms)
        where THandler : struct, ISizedHandler
    {
        foreach (Code form in doubleForms)
        {
            table.Set(form, &THandler.Run<uint>);
            table.Set(form + 1, &THandler.Run<ulong>);
        }
    }
}
