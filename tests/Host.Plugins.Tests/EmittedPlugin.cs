using System.Composition;
using System.Reflection;
using System.Reflection.Emit;
using Hospes.Sdk.Composition;
using Hospes.Sdk.Engines;
using Microsoft.Extensions.Logging;

namespace Hospes.Host.Plugins;

/// <summary>Writes plugin assemblies, good and bad, without a compiler.</summary>
internal sealed class EmittedPlugin
{
    private readonly PersistedAssemblyBuilder _assembly;
    private readonly ModuleBuilder _module;
    private int _types;

    internal EmittedPlugin(string name, int? contract = SdkContract.Version)
    {
        _assembly = new PersistedAssemblyBuilder(new AssemblyName(name) { Version = new Version(1, 2, 3, 0) }, typeof(object).Assembly);
        _module = _assembly.DefineDynamicModule(name);
        if (contract is { } version)
            _assembly.SetCustomAttribute(new CustomAttributeBuilder(typeof(PluginContractAttribute).GetConstructor([typeof(int)])!, [version]));
    }

    /// <summary>A class that exports <paramref name="name"/> under the contract of <typeparamref name="TAttribute"/>.</summary>
    internal EmittedPlugin Export<TAttribute>(string name, Fault fault = Fault.None, string? setting = null, string? refusal = null, Type? needs = null)
        where TAttribute : PluginExportAttribute
    {
        ConstructorInfo attribute = typeof(TAttribute).GetConstructor([typeof(string)])!;
        Type contract = ((PluginExportAttribute)attribute.Invoke([name])).ContractType!;
        TypeAttributes kind = TypeAttributes.Public | TypeAttributes.Class | (fault == Fault.Abstract ? TypeAttributes.Abstract : 0);
        TypeBuilder type = _module.DefineType($"Emitted.Type{++_types}", kind);
        type.SetCustomAttribute(new CustomAttributeBuilder(attribute, [name]));
        DefineConstructor(type, fault);
        if (contract == typeof(IExecutionEngine) && name.StartsWith("able", StringComparison.Ordinal))
            DefineAbleProbe(type);
        if (needs is not null)
            type.DefineField("needed", needs, FieldAttributes.Private);
        if (fault != Fault.NotImplementing)
            Implement(type, contract, method => method.Name == nameof(IExecutionEngine.Probe) && name.StartsWith("able", StringComparison.Ordinal));
        if (setting is not null)
            ImplementSettings(type, setting, refusal);
        type.CreateType();
        return this;
    }

    internal string Save(string folder, string? file = null)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, file ?? $"{_assembly.GetName().Name}.dll");
        _assembly.Save(path);
        return path;
    }

    private static void DefineConstructor(TypeBuilder type, Fault fault)
    {
        Type[] imports = fault switch
        {
            Fault.ImportsLogging => [typeof(ILoggerFactory)],
            Fault.ImportsTooMuch => [typeof(IDisposable)],
            _ => [],
        };
        ConstructorBuilder constructor = type.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, imports);
        if (imports.Length > 0)
            constructor.SetCustomAttribute(new CustomAttributeBuilder(typeof(ImportingConstructorAttribute).GetConstructor([])!, []));
        ILGenerator code = constructor.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Call, typeof(object).GetConstructor([])!);
        if (fault == Fault.ImportsLogging)
        {
            code.Emit(OpCodes.Ldarg_1);
            code.Emit(OpCodes.Ldstr, "emitted");
            code.Emit(OpCodes.Callvirt, typeof(ILoggerFactory).GetMethod(nameof(ILoggerFactory.CreateLogger), [typeof(string)])!);
            code.Emit(OpCodes.Pop);
        }
        if (fault == Fault.ConstructorHangs)
        {
            code.Emit(OpCodes.Ldc_I4_M1);
            code.Emit(OpCodes.Call, typeof(Thread).GetMethod(nameof(Thread.Sleep), [typeof(int)])!);
        }
        if (fault == Fault.ConstructorThrows)
            Throw<InvalidOperationException>(code, "no luck today");
        code.Emit(OpCodes.Ret);
    }

    // An engine that says it can run here.
    private static void DefineAbleProbe(TypeBuilder type)
    {
        ILGenerator code = Define(type, typeof(IExecutionEngine).GetMethod(nameof(IExecutionEngine.Probe))!).GetILGenerator();
        code.Emit(OpCodes.Ldc_I4_1);
        code.Emit(OpCodes.Ldstr, "as fast as anything");
        code.Emit(OpCodes.Newobj, typeof(EngineAvailability).GetConstructor([typeof(bool), typeof(string)])!);
        code.Emit(OpCodes.Ret);
    }

    // Every member answers the default of its type.
    private static void Implement(TypeBuilder type, Type contract, Func<MethodInfo, bool> except)
    {
        type.AddInterfaceImplementation(contract);
        foreach (MethodInfo method in contract.GetMethods().Where(method => !except(method)))
        {
            ILGenerator code = Define(type, method).GetILGenerator();
            if (method.ReturnType != typeof(void))
                code.Emit(OpCodes.Ldloc, code.DeclareLocal(method.ReturnType));
            code.Emit(OpCodes.Ret);
        }
    }

    private static void ImplementSettings(TypeBuilder type, string setting, string? refusal)
    {
        Implement(type, typeof(IPluginSettings), _ => true);
        ILGenerator known = Define(type, typeof(IPluginSettings).GetProperty(nameof(IPluginSettings.KnownSettings))!.GetMethod!).GetILGenerator();
        known.Emit(OpCodes.Ldc_I4_1);
        known.Emit(OpCodes.Newarr, typeof(string));
        known.Emit(OpCodes.Dup);
        known.Emit(OpCodes.Ldc_I4_0);
        known.Emit(OpCodes.Ldstr, setting);
        known.Emit(OpCodes.Stelem_Ref);
        known.Emit(OpCodes.Ret);
        ILGenerator configure = Define(type, typeof(IPluginSettings).GetMethod(nameof(IPluginSettings.Configure))!).GetILGenerator();
        if (refusal is not null)
            Throw<FormatException>(configure, refusal);
        configure.Emit(OpCodes.Ret);
    }

    private static MethodBuilder Define(TypeBuilder type, MethodInfo method) => type.DefineMethod(
        method.Name, MethodAttributes.Public | MethodAttributes.Virtual, method.ReturnType, [.. method.GetParameters().Select(parameter => parameter.ParameterType)]);

    private static void Throw<TException>(ILGenerator code, string message)
    {
        code.Emit(OpCodes.Ldstr, message);
        code.Emit(OpCodes.Newobj, typeof(TException).GetConstructor([typeof(string)])!);
        code.Emit(OpCodes.Throw);
    }
}
